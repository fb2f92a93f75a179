using TimeSuite.Time;

namespace TimeSuite.Policy.Tests;

/// <summary>The state's text form: read whole or not at all.</summary>
public sealed class StateTextTests
{
    private static readonly PolicyState s_state = new()
    {
        Boot = Guid.NewGuid(),
        FirstSynchronized = true,
        BootStepsUsed = 2,
        LaterSteps = [new(Duration.FromNanoseconds(1)), new(Duration.FromSeconds(5L))],
        Spent = [new(3, Duration.FromNanoseconds(123_456_789)), new(4, Duration.Zero)],
        Reserved = Duration.FromNanoseconds(5),
        Leap = LeapSecond.Delete,
        LeapAt = A.At("2027-07-01T00:00:00Z"),
        TaiOffset = 37,
        SavedTime = A.At("2499-01-01T00:00:00Z"),
        TotalStepped = Duration.FromSeconds(1L << 35) + Duration.FromNanoseconds(7),
        Steps = 1,
        Adjustments = 2,
        Refusals = 3,
        Leases = 4,
        LeasesExpired = 5,
        Interferences = 6,
    };

    [Fact]
    public void What_is_written_is_read()
    {
        Assert.True(StateText.TryRead(StateText.Write(s_state), out var read));
        Assert.Equal(StateText.Write(s_state), StateText.Write(read));
        Assert.Equal(s_state with { LaterSteps = [], Spent = [] }, read with { LaterSteps = [], Spent = [] });
        Assert.Equal(s_state.LaterSteps, read.LaterSteps);
        Assert.Equal(s_state.Spent, read.Spent);
    }

    [Fact]
    public void Every_part_of_a_file_and_every_changed_line_is_not_a_file()
    {
        string text = StateText.Write(s_state);
        for (int length = 0; length < text.Length; length++)
        {
            Assert.False(StateText.TryRead(text[..length], out _));
        }

        string[] lines = text.Split('\n');
        for (int index = 0; index < lines.Length; index++)
        {
            string[] changed = [.. lines];
            changed[index] = "spent x";
            Assert.False(StateText.TryRead(string.Join('\n', changed), out _));
        }
    }

    [Theory]
    [InlineData("reserved", "9223372036854775807")]
    [InlineData("reserved", "-1")]
    [InlineData("later-step", "-9223372036854775808")]
    [InlineData("later-step", "9223372036854775807")]
    [InlineData("spent", "9223372036854775807 1")]
    [InlineData("spent", "4 9223372036854775807")]
    [InlineData("spent", "-4 1")]
    [InlineData("saved-time", "16725225600")] // 2500
    [InlineData("saved-time", "1099511627775")] // the year 36812
    [InlineData("saved-time", "-1")]
    [InlineData("leap-at", "1099511627775")]
    [InlineData("leap-at", "0")] // of the leap that is announced
    [InlineData("leap-at", "1814400001")] // no midnight
    [InlineData("total-stepped", "9223372036854775807 0")]
    [InlineData("total-stepped", "1 1000000000")]
    [InlineData("counters", "9223372036854775807 0 0 0 0 0")]
    [InlineData("counters", "0 0 0 0 0 -1")]
    [InlineData("boot-steps", "-1")]
    [InlineData("tai", "61")]
    [InlineData("leap", "3")]
    [InlineData("first-synchronized", "2")]
    public void A_number_that_no_policy_can_have_written_is_not_read(string key, string numbers)
    {
        string[] lines = StateText.Write(s_state).Split('\n');
        int index = Array.FindIndex(lines, line => line.StartsWith(key + ' ', StringComparison.Ordinal));
        lines[index] = $"{key} {numbers}";

        Assert.False(StateText.TryRead(string.Join('\n', lines), out _));
    }

    [Fact]
    public void A_key_twice_does_not_stand_in_for_another()
    {
        string[] lines = StateText.Write(s_state).Split('\n');
        int saved = Array.FindIndex(lines, line => line.StartsWith("saved-time ", StringComparison.Ordinal));
        lines[saved] = lines.First(line => line.StartsWith("tai ", StringComparison.Ordinal));

        Assert.False(StateText.TryRead(string.Join('\n', lines), out _));
    }

    [Fact]
    public void What_is_read_can_be_worked_with_and_written()
    {
        var random = new Random(11);
        string text = StateText.Write(s_state);
        string[] extremes = ["0", "1", "-1", "9223372036854775807", "-9223372036854775808", "8589934592000000000", "262144000000000", "14316557"];
        for (int attempt = 0; attempt < 5000; attempt++)
        {
            string changed = System.Text.RegularExpressions.Regex.Replace(text, "(?<= )[0-9]+(?=[ \n])", found => random.Next(8) == 0 ? extremes[random.Next(extremes.Length)] : found.Value);
            if (StateText.TryRead(changed, out var state))
            {
                var now = new Instant<Boot>(Duration.FromSeconds(1_000_000L));
                var policy = new ClockPolicy(PolicyLimits.Default, null, A.BuildDate);
                StateText.Write(ClockPolicy.Account(policy.InAdvance(state, now), Duration.Zero, now));
                policy.StepsLeft(state, null, now);
                Assert.True(policy.Floor(state) < A.At("2500-01-01T00:00:00Z"));
            }
        }
    }

    [Fact]
    public void Random_octets_never_throw()
    {
        var random = new Random(7);
        byte[] octets = System.Text.Encoding.UTF8.GetBytes(StateText.Write(s_state));
        for (int attempt = 0; attempt < 5000; attempt++)
        {
            byte[] changed = [.. octets];
            for (int change = 0; change < 3; change++)
            {
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            }

            StateText.TryRead(System.Text.Encoding.UTF8.GetString(changed), out _); // either way
        }
    }
}
