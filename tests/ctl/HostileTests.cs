using System.Globalization;
using System.Text.Json;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Rpc.Ntp.V1;
using Wire = TimeSuite.Rpc.Time.V1;

namespace TimeSuite.Ctl.Tests;

/// <summary>A daemon that was taken over says anything; the terminal of whoever asks stays his own (threat 25).</summary>
public sealed class HostileTests : IAsyncLifetime
{
    private const string Poison = "\u001b]0;owned\u0007\u001b[2J[red]x[/]\r\n\u009b31m\u202e\u2066\ue000" + "zz";

    private readonly FakeSuite _suite = new();

    public static TheoryData<double, long, int> Numbers => new()
    {
        { double.NaN, long.MinValue, int.MinValue },
        { double.PositiveInfinity, long.MaxValue, int.MaxValue },
        { double.NegativeInfinity, -1, -11 },
        { double.MaxValue, 0, 31 },
        { 1e300, 253_402_300_800, 32 },
    };

    public async Task InitializeAsync() => await _suite.InitializeAsync();

    public Task DisposeAsync() => _suite.DisposeAsync();

    [Theory]
    [MemberData(nameof(Numbers))]
    public async Task Odd_numbers_and_names_print_safely_everywhere(double number, long seconds, int whole)
    {
        Poisoned(number, new Wire.Duration { Seconds = seconds, Fraction = ulong.MaxValue }, whole);

        foreach (string command in new[] { "status", "sources", "sourcestats", "selection", "clock", "version", "watch --seconds 0.4", "waitsync --timeout 0", "step", "delete a" })
        {
            foreach (string[] more in new string[][] { [], ["--json"] })
            {
                var run = await _suite.TimectlAsync([.. command.Split(' '), .. more]);

                Assert.DoesNotContain(run.Out + run.Error, character => character != '\n' && char.IsControl(character));
                Assert.DoesNotContain(run.Out + run.Error, character => char.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.PrivateUse);
                Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
                if (more.Length > 0)
                {
                    foreach (string line in run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                    {
                        using var document = JsonDocument.Parse(line);
                    }
                }
            }
        }
    }

    [Fact]
    public async Task A_reply_with_nothing_in_it_prints_question_marks()
    {
        _suite.State.Tracking = new();
        _suite.State.Sources.Clear();
        _suite.State.Sources.Add(new());
        _suite.State.Clock = new();

        foreach (string command in new[] { "status", "sources", "sourcestats", "selection", "clock" })
        {
            var run = await _suite.TimectlAsync(command);

            Assert.Equal((ExitCode.Done, ""), (run.Code, run.Error));
            Assert.Contains("?", run.Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task No_sources_are_told_with_the_next_step()
    {
        _suite.State.Sources.Clear();

        Assert.Contains("add [[source]] to timesuite.toml", (await _suite.TimectlAsync("sources")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_culture_with_other_digits_and_commas_changes_nothing()
    {
        var before = CultureInfo.CurrentCulture;
        var plain = await _suite.TimectlAsync("status");
        try
        {
            var odd = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            odd.NumberFormat.NumberDecimalSeparator = ",";
            odd.NumberFormat.NegativeSign = "~";
            CultureInfo.CurrentCulture = odd;

            Assert.Equal(plain, await _suite.TimectlAsync("status"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private void Poisoned(double number, Wire.Duration length, int whole)
    {
        _suite.State.Tracking = new()
        {
            Synchronized = true, ReferenceName = Poison, ReferenceId = 0x1B5B324A, Stratum = uint.MaxValue, ReferenceTime = length, Offset = length, LastOffset = length,
            RmsOffset = length, FrequencyPpb = number, ResidualFrequencyPpb = number, SkewPpb = number, RootDelay = length, RootDispersion = length,
            UpdateInterval = length, Leap = (Wire.LeapSecond)whole, Bound = length, Sigma = length, PendingPhase = length, ClockKind = Poison,
            Explanation = Poison, PacketsPerHour = number, TaiOffsetS = whole, Version = Poison, Uptime = length,
        };
        _suite.State.Sources.Clear();
        _suite.State.Sources.Add(new()
        {
            Name = Poison, Address = Poison, Pool = Poison, Mode = (Source.Types.Mode)whole, Stratum = 1, ReferenceId = 0x1B5B324A, PollLog2S = whole,
            Reach = uint.MaxValue, LastReceivedAgo = length, LastOffset = length, LastDelay = length, EstimatedOffset = length, Sigma = length, Bound = length,
            FrequencyPpb = number, SkewPpb = number, Samples = uint.MaxValue, Span = length, RootDelay = length, RootDispersion = length, Weight = number,
            Verdict = (Verdict)whole, Reason = Poison, Sent = ulong.MaxValue, LastRefusal = Poison, Leap = (Wire.LeapSecond)whole, Options = Poison,
            JitterS = number, Stamps = Poison,
        });
        _suite.State.Clock = new()
        {
            Description = new()
            {
                Version = Poison,
                Clocks =
                {
                    new ClockDescription
                    {
                        Id = Poison, Kind = (ClockDescription.Types.Kind)whole, FrequencyPpb = number, PendingPhase = length, TimeConstant = uint.MaxValue,
                        Leap = (Wire.LeapSecond)whole, TaiOffsetS = whole, Bound = length, Holder = Poison, StepGeneration = ulong.MaxValue,
                    },
                },
                Policy = new()
                {
                    Name = Poison, MaxFrequencyPpb = number, MaxSlewRatePpb = number, MaxSlewedPhasePerDay = length, MaxLaterStep = length, Lease = length,
                    Floor = length, MinBoundGrowthPpb = number,
                },
                Counters = new() { SlewedLastDay = length, TotalStepped = length },
            },
            Recent =
            {
                new Event { At = length, ClockId = Poison, Kind = Event.Types.Kind.Adjust, Who = Poison, Text = Poison, FrequencyPpb = number, Phase = length },
                new Event { Kind = (Event.Types.Kind)whole },
            },
        };
    }
}
