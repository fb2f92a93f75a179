namespace TimeSuite.Nts.Tests.Records;

public sealed class KeMessageTests
{
    [Fact]
    public void A_message_is_complete_with_its_end_and_not_one_octet_before()
    {
        byte[] message = Octets.Of("8001 0002 0000 8004 0002 000F 8000 0000");
        for (int count = 0; count < message.Length; count++)
        {
            Assert.Equal(KeArrival.Incomplete, KeMessage.Measure(message.AsSpan(0, count), KeMessage.LongestSize, out _));
        }

        Assert.Equal(KeArrival.Complete, KeMessage.Measure([.. message, 1, 2, 3], KeMessage.LongestSize, out int length));
        Assert.Equal(message.Length, length);
    }

    [Fact]
    public void A_record_that_is_announced_too_long_is_not_waited_for() =>
        Assert.Equal(KeArrival.TooLong, KeMessage.Measure(Octets.Of("8001 0002 0000 0005 FFFF 00"), KeMessage.LongestSize, out _));

    [Fact]
    public void A_message_that_does_not_end_is_given_up()
    {
        byte[] many = Octets.Of(string.Concat(Enumerable.Repeat("4001 0000 ", 2_000)));
        Assert.Equal(KeArrival.TooLong, KeMessage.Measure(many, KeMessage.LongestRequest, out _));
    }

    [Fact]
    public void Whatever_octets_come_no_exception_escapes()
    {
        var chance = new Random(8915);
        byte[] octets = new byte[64];
        for (int round = 0; round < 100_000; round++)
        {
            chance.NextBytes(octets);
            octets[0] &= 0x80;
            octets[1] &= 0x07;
            octets[2] = 0;
            octets[3] &= 0x07;
            var some = octets.AsSpan(0, chance.Next(octets.Length + 1));
            KeMessage.Measure(some, KeMessage.LongestSize, out _);
            KeClient.TryRead(some, [NtsAead.AesSivCmac256], out _, out _);
            KeServer.Answer(some, new(), (_, _) => { }, _ => [1]);
        }
    }
}
