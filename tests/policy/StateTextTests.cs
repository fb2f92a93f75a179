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
