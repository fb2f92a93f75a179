using TimeSuite.Time;

namespace TimeSuite.Ntp.Tests;

public sealed class BroadcastPacketTests
{
    private static readonly ServerState State = new()
    {
        Leap = LeapIndicator.Insert,
        Stratum = 2,
        Precision = -25,
        ReferenceId = new(0x0A000001),
        ReferenceTime = new(0xE000_0000_8000_0000),
        RootDelay = Duration.FromSeconds(0.5),
        RootDispersion = Duration.FromSeconds(0.25),
    };

    [Fact]
    public void It_is_right_octet_by_octet()
    {
        byte[] packet = new byte[BroadcastPacket.LongestSize];

        Assert.Equal(48, BroadcastPacket.Write(State, 6, null, new(0xE000_0001_4000_0000), packet));

        // leap 1, version 4, mode 5; origin and receive stay empty, for nobody asked
        Assert.Equal(
            "650206E7" + "00008000" + "00004000" + "0A000001" + "E000000080000000" + "0000000000000000" + "0000000000000000" + "E000000140000000",
            Convert.ToHexString(packet[..48]));
        Assert.All(packet[48..], octet => Assert.Equal(0, octet));
    }

    [Fact]
    public void With_a_key_it_is_signed()
    {
        var key = new SymmetricKey(7, MacAlgorithm.Aes128, new byte[16]);
        byte[] packet = new byte[BroadcastPacket.LongestSize];

        Assert.Equal(48 + 4 + 16, BroadcastPacket.Write(State, 6, key, new(1UL << 32), packet));

        Assert.Equal("00000007", Convert.ToHexString(packet[48..52]));
        Assert.True(key.Verifies(packet.AsSpan(0, 48), packet.AsSpan(48, 20)));
    }

    [Fact]
    public void Without_synchronisation_nothing_is_said()
    {
        byte[] packet = new byte[BroadcastPacket.LongestSize];

        Assert.Equal(0, BroadcastPacket.Write(ServerState.Unsynchronized(-25), 6, null, new(1UL << 32), packet));

        Assert.All(packet, octet => Assert.Equal(0, octet));
    }
}
