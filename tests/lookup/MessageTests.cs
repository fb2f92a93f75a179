using TimeSuite.Time;

namespace TimeSuite.Lookup.Tests;

public sealed class MessageTests
{
    private static readonly Duration s_second = Duration.FromSeconds(1L);

    [Theory]
    [InlineData("a")]
    [InlineData("time.example.net")]
    [InlineData("time.example.net.")]
    [InlineData("_ntp._udp.Example-9.net")]
    public void A_question_is_read_as_it_was_written(string name)
    {
        foreach (var family in Enum.GetValues<LookupFamily>())
        {
            var question = new LookupQuestion(name, family, Duration.FromNanoseconds(1_234_000_000));
            byte[] message = new byte[LookupQuestion.Size];

            Assert.True(question.TryWrite(message));
            Assert.True(LookupQuestion.TryParse(message, out var read));
            Assert.Equal(question, read);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a..b")]
    [InlineData("-option")]
    [InlineData("a.-b")]
    [InlineData("with space")]
    [InlineData("new\nline")]
    [InlineData("nul\0nul")]
    [InlineData("/etc/passwd")]
    [InlineData("fe80::1%eth0")]
    [InlineData("ümlaut.example")]
    public void What_is_no_name_is_not_asked_for(string name) =>
        Assert.False(new LookupQuestion(name, LookupFamily.Any, s_second).TryWrite(new byte[LookupQuestion.Size]));

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void A_label_has_at_most_63_characters(int length, bool isName) => Assert.Equal(isName, LookupQuestion.IsName(new string('a', length) + ".example"));

    [Theory]
    [InlineData(253, true)]
    [InlineData(254, false)]
    public void A_name_has_at_most_253_characters_and_a_dot(int length, bool isName)
    {
        string name = string.Concat(Enumerable.Repeat("abcdefg.", 40))[..length];
        name = name[^1] == '.' ? name[..^1] + "x" : name;

        Assert.Equal(isName, LookupQuestion.IsName(name));
        Assert.Equal(isName, LookupQuestion.IsName(name + "."));
    }

    [Theory]
    [InlineData(0.0005, false)]
    [InlineData(0.001, true)]
    [InlineData(60, true)]
    [InlineData(60.002, false)]
    public void Patience_is_between_a_millisecond_and_a_minute(double seconds, bool isRight) =>
        Assert.Equal(isRight, new LookupQuestion("a", LookupFamily.Any, Duration.FromSeconds(seconds)).TryWrite(new byte[LookupQuestion.Size]));

    [Fact]
    public void An_answer_is_read_as_it_was_written()
    {
        FoundAddress[] addresses = [new(false, 0xC000_0201, 0), new(true, (UInt128)0x2001_0DB8_0000_0000 << 64 | 1, 0), new(true, (UInt128)0xFE80_0000_0000_0000 << 64 | 1, 3)];
        byte[] message = new byte[LookupAnswer.Size];
        new LookupAnswer(LookupStatus.Found, addresses).Write(message);

        Assert.True(LookupAnswer.TryParse(message, out var read));
        Assert.Equal((LookupStatus.Found, 3), (read.Status, read.Addresses.Count));
        Assert.Equal(addresses, read.Addresses);
    }

    [Fact]
    public void Of_a_thousand_addresses_64_are_told()
    {
        byte[] message = new byte[LookupAnswer.Size];
        new LookupAnswer(LookupStatus.Found, [.. Enumerable.Range(1, 1000).Select(host => new FoundAddress(false, 0x0A00_0000 + (uint)host, 0))]).Write(message);

        Assert.True(LookupAnswer.TryParse(message, out var read));
        Assert.Equal(LookupAnswer.MostAddresses, read.Addresses.Count);
    }

    [Theory]
    [InlineData(0x0000_0000u, false)]
    [InlineData(0x00FF_FFFFu, false)] // 0.0.0.0/8 is "this network"
    [InlineData(0x0100_0000u, true)]
    [InlineData(0x7F00_0001u, true)] // a name of this machine
    [InlineData(0xDFFF_FFFFu, true)]
    [InlineData(0xE000_0101u, false)] // 224.0.1.1: nobody is there
    [InlineData(0xEFFF_FFFFu, false)]
    [InlineData(0xF000_0000u, true)]
    [InlineData(0xFFFF_FFFFu, false)]
    public void An_address_that_no_host_can_have_is_told_apart(uint address, bool isOfAHost) => Assert.Equal(isOfAHost, new FoundAddress(false, address, 0).IsOfAHost);

    [Fact]
    public void In_IPv6_none_and_groups_are_no_hosts()
    {
        Assert.False(new FoundAddress(true, 0, 0).IsOfAHost);
        Assert.False(new FoundAddress(true, (UInt128)0xFF02_0000_0000_0000 << 64 | 1, 2).IsOfAHost);
        Assert.True(new FoundAddress(true, 1, 0).IsOfAHost);
    }

    /// <summary>Whatever comes: nothing is thrown, and what is read would be written just so.</summary>
    [Fact]
    public void Every_octet_of_a_message_matters()
    {
        var random = new Random(7);
        byte[] question = new byte[LookupQuestion.Size], answer = new byte[LookupAnswer.Size];
        new LookupQuestion("time.example.net", LookupFamily.IPv6, s_second).TryWrite(question);
        new LookupAnswer(LookupStatus.Found, [new(false, 0xC000_0201, 0), new(true, 1, 0)]).Write(answer);
        for (int run = 0; run < 200_000; run++)
        {
            Assert.True(IsRoundTrip(Mutate(question, random), LookupQuestion.Size, message => LookupQuestion.TryParse(message, out var read) ? to => read.TryWrite(to) : null));
            Assert.True(IsRoundTrip(Mutate(answer, random), LookupAnswer.Size, message => LookupAnswer.TryParse(message, out var read) ? to => Written(read, to) : null));
        }
    }

    private static bool Written(LookupAnswer answer, byte[] to)
    {
        answer.Write(to);
        return true;
    }

    private static bool IsRoundTrip(byte[] message, int size, Func<byte[], Func<byte[], bool>?> parse)
    {
        if (parse(message) is not { } write)
        {
            return true;
        }

        byte[] again = new byte[size];
        return write(again) && message.AsSpan().SequenceEqual(again);
    }

    /// <summary>A few octets changed, mostly in front, where the numbers are; now and then cut or lengthened.</summary>
    private static byte[] Mutate(byte[] message, Random random)
    {
        byte[] changed = [.. message];
        for (int change = random.Next(4); change >= 0; change--)
        {
            int at = random.Next(3) == 0 ? random.Next(changed.Length) : random.Next(32);
            changed[at] = random.Next(3) switch { 0 => 0, 1 => 0xFF, _ => (byte)random.Next(256) };
        }

        return random.Next(20) == 0 ? changed[..random.Next(changed.Length)] : random.Next(20) == 0 ? [.. changed, 0] : changed;
    }
}
