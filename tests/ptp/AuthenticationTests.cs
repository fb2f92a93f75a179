namespace TimeSuite.Ptp.Tests;

/// <summary>The AUTHENTICATION TLV: a message that is not sealed by one of the keys, or was sent before, moves nobody.</summary>
public sealed class AuthenticationTests
{
    private static readonly byte[] s_secret = [.. Enumerable.Range(0, 32).Select(octet => (byte)octet)];

    private readonly SimulatedNetwork _network = new();

    /// <summary>The seal is the last TLV: 8009, its length, SPP, no options, the key's number; then HMAC (RFC 2104) or CMAC (RFC 4493) of all octets before it.</summary>
    [Theory]
    [InlineData(IcvAlgorithm.HmacSha256Half, 16, "80090016" + "05" + "00" + "01020304")]
    [InlineData(IcvAlgorithm.HmacSha256, 32, "80090026" + "05" + "00" + "01020304")]
    [InlineData(IcvAlgorithm.AesCmac128, 16, "80090016" + "05" + "00" + "01020304")]
    [InlineData(IcvAlgorithm.AesCmac256, 16, "80090016" + "05" + "00" + "01020304")]
    public void A_seal_has_the_standards_layout(IcvAlgorithm algorithm, int icv, string begin)
    {
        var rules = Rules(algorithm);
        byte[] message = Sync(rules, out int length);

        Assert.Equal(44 + 10 + icv, length);
        Assert.Equal(length, message[3]);
        Assert.Equal(begin, Convert.ToHexStringLower(message[44..54]));
        byte[] expected = algorithm switch
        {
            IcvAlgorithm.AesCmac128 or IcvAlgorithm.AesCmac256 => Cmac(Secret(algorithm), message[..54]),
            _ => System.Security.Cryptography.HMACSHA256.HashData(s_secret, message.AsSpan(0, 54)),
        };
        Assert.Equal(expected[..icv], message[54..length]);
    }

    /// <summary>RFC 4493 section 4, and example 2 of SP 800-38B for the longer key: what seals are computed by, and what the test above compares with.</summary>
    [Theory]
    [InlineData("2b7e151628aed2a6abf7158809cf4f3c", "", "bb1d6929e95937287fa37d129b756746")]
    [InlineData("2b7e151628aed2a6abf7158809cf4f3c", "6bc1bee22e409f96e93d7e117393172a", "070a16b46b4d4144f79bdd9dd04a287c")]
    [InlineData("2b7e151628aed2a6abf7158809cf4f3c", "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411", "dfa66747de9ae63030ca32611497c827")]
    [InlineData("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", "6bc1bee22e409f96e93d7e117393172a", "28a7023f452e8f82bd4bf28d8c37c35c")]
    public void Cmac_is_that_of_the_published_examples(string key, string message, string expected)
    {
        byte[] tag = new byte[16];
        new TimeSuite.Ciphers.AesCmac(Convert.FromHexString(key), byInstructions: false).Compute(Convert.FromHexString(message), tag);

        Assert.Equal(expected, Convert.ToHexStringLower(tag));
        Assert.Equal(expected, Convert.ToHexStringLower(Cmac(Convert.FromHexString(key), Convert.FromHexString(message))));
    }

    [Theory]
    [InlineData(IcvAlgorithm.HmacSha256Half, false)]
    [InlineData(IcvAlgorithm.HmacSha256, true)]
    [InlineData(IcvAlgorithm.AesCmac128, true)]
    [InlineData(IcvAlgorithm.AesCmac256, false)]
    public void Any_octet_that_is_changed_is_found(IcvAlgorithm algorithm, bool correctionIsOpen)
    {
        var rules = Rules(algorithm) with { CorrectionIsOpen = correctionIsOpen };
        byte[] message = Sync(rules, out int length);
        Assert.Equal(Seal.Right, Judge(rules, message));
        for (int at = 0; at < length; at++)
        {
            byte[] changed = [.. message];
            changed[at] ^= 0x10;
            bool isOpen = correctionIsOpen && at is >= 8 and < 16;
            Assert.True(!PtpHeader.TryParse(changed, out var header) || !Tlvs.AreWellFormed(changed, header) || rules.Judge(header, changed) == Seal.Right == isOpen, $"octet {at}");
        }
    }

    [Fact]
    public void A_seal_of_another_association_of_an_unknown_key_or_with_something_behind_it_is_wrong()
    {
        var rules = Rules(IcvAlgorithm.HmacSha256Half);
        byte[] message = Sync(rules, out int length);

        Assert.Equal(Seal.Wrong, Judge(rules with { Spp = 6 }, message));
        Assert.Equal(Seal.Wrong, Judge(rules with { Keys = [new(9, IcvAlgorithm.HmacSha256Half, s_secret)] }, message));
        Assert.Equal(Seal.Wrong, Judge(rules with { Keys = [new(0x0102_0304, IcvAlgorithm.HmacSha256Half, [1])] }, message));
        byte[] longer = new byte[length + Tlvs.Head];
        message.CopyTo(longer, 0);
        Tlvs.Begin(longer.AsSpan(length), TlvType.Pad, 0);
        longer[3] = (byte)longer.Length;
        Assert.Equal(Seal.Wrong, Judge(rules, longer));
        byte[] plain = message[..44];
        plain[3] = 44;
        Assert.Equal(Seal.None, Judge(rules, plain));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Two_ports_with_the_same_key_understand_each_other(bool peerToPeer)
    {
        var rules = Rules(IcvAlgorithm.AesCmac128);
        var (master, slave) = Pair(rules, rules, peerToPeer);
        _network.RunUntil(30, master, slave);

        Assert.True(slave.Syncs.Count > 10);
        Assert.True(peerToPeer ? slave.PeerDelays.Count > 10 : slave.Delays.Count > 10);
        Assert.Equal(0, slave.Port.Counters.Dropped(Drop.NotAuthentic) + slave.Port.Counters.Dropped(Drop.Replayed));
    }

    [Fact]
    public void Without_the_key_nobody_is_followed_where_seals_are_required()
    {
        var (master, slave) = Pair(null, Rules(IcvAlgorithm.HmacSha256Half));
        _network.RunUntil(20, master, slave);

        Assert.Empty(slave.Syncs);
        Assert.Equal(PortState.Listening, slave.Port.State);
        Assert.True(slave.Port.Counters.Dropped(Drop.NotAuthentic) > 10);
    }

    [Fact]
    public void Where_seals_are_accepted_a_master_without_one_is_followed_and_one_with_a_wrong_one_is_not()
    {
        var accepting = Rules(IcvAlgorithm.HmacSha256Half) with { IsRequired = false };
        var (master, slave) = Pair(null, accepting);
        _network.RunUntil(20, master, slave);
        Assert.NotEmpty(slave.Syncs);

        var other = new PtpKey(0x0102_0304, IcvAlgorithm.HmacSha256Half, [1]);
        var (liar, victim) = Pair(accepting with { Keys = [other], SendWith = other }, accepting);
        _network.RunUntil(40, liar, victim);
        Assert.Empty(victim.Syncs);
    }

    [Fact]
    public void What_was_sent_before_is_not_taken_again_even_much_later()
    {
        var rules = Rules(IcvAlgorithm.HmacSha256Half);
        var (master, slave) = Pair(rules, rules);
        _network.RunUntil(200.5, master, slave); // nothing is under way
        long before = slave.Syncs.Count;
        byte[][] old = [.. master.Messages.Where(message => (message[0] & 0xF) is 0 or 8 or 0xB)];
        foreach (byte[] message in old)
        {
            slave.Port.Received(message, slave.Stamp(_network.Now), default, _network.Boot);
        }

        Assert.Equal(before, slave.Syncs.Count);
        Assert.Equal(old.Length, slave.Port.Counters.Dropped(Drop.Replayed));
    }

    [Fact]
    public void A_master_that_was_started_anew_is_followed_again_after_ten_seconds()
    {
        var rules = Rules(IcvAlgorithm.HmacSha256Half);
        var (master, slave) = Pair(rules, rules);
        _network.RunUntil(200, master, slave);
        int before = slave.Syncs.Count;
        var again = New(1, new() { Authentication = rules }, slaveOnly: false); // its numbers begin at 0
        again.Join(slave, 10e-6, 10e-6);
        _network.RunUntil(240, again, slave);

        Assert.True(slave.Syncs.Count > before + 10, $"{slave.Syncs.Count - before}");
    }

    [Theory]
    [InlineData(MessageType.Signaling, 0x7F, 9, true)] // a CANCEL ends a grant
    [InlineData(MessageType.Sync, 4, 40, true)] // one in 16 s, as Announces may be
    [InlineData(MessageType.Sync, 4, 65, false)]
    [InlineData(MessageType.Sync, 0, 11, false)]
    public void A_number_counts_once_until_its_stream_was_silent_for_long(MessageType type, sbyte logInterval, long seconds, bool isReplay)
    {
        byte[] message = Sync(Rules(IcvAlgorithm.HmacSha256Half), out _, 7);
        var judge = new SealJudge(Rules(IcvAlgorithm.HmacSha256Half));
        Assert.True(PtpHeader.TryParse(message, out var header));
        header = header with { Type = type, LogInterval = logInterval };

        Assert.Null(judge.WhyNot(header, message, new(Duration.FromSeconds(5L))));

        Assert.Equal(isReplay ? Drop.Replayed : null, judge.WhyNot(header, message, new(Duration.FromSeconds(5L + seconds))));
    }

    [Fact]
    public void Sequence_numbers_may_roll_over_and_come_in_any_order_within_the_window()
    {
        var judge = new SealJudge(Rules(IcvAlgorithm.HmacSha256Half));
        var now = new Instant<Boot>(Duration.FromSeconds(5L));
        Drop? Hear(ushort sequence) => judge.WhyNot(PtpHeader.TryParse(Sync(Rules(IcvAlgorithm.HmacSha256Half), out _, sequence), out var header) ? header : default, Sync(Rules(IcvAlgorithm.HmacSha256Half), out _, sequence), now);

        Assert.Null(Hear(65_534));
        Assert.Null(Hear(1));
        Assert.Null(Hear(65_535));
        Assert.Null(Hear(0));
        Assert.Equal(Drop.Replayed, Hear(0));
        Assert.Equal(Drop.Replayed, Hear(65_534));
        Assert.Equal(Drop.Replayed, Hear(66)); // 65 ahead
        Assert.Null(Hear(65)); // 64 ahead
        Assert.Equal(Drop.Replayed, Hear(1)); // 64 behind
        Assert.Null(Hear(2));
    }

    /// <summary>CMAC (RFC 4493) by the platform's AES, for which ours is not used.</summary>
    private static byte[] Cmac(byte[] key, byte[] covered)
    {
        using var aes = System.Security.Cryptography.Aes.Create();
        aes.Key = key;
        byte[] Encrypt(byte[] block) => aes.EncryptEcb(block, System.Security.Cryptography.PaddingMode.None);
        static byte[] Doubled(byte[] block)
        {
            var bits = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(block);
            byte[] doubled = new byte[16];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(doubled, (bits << 1) ^ (block[0] >= 0x80 ? 0x87u : 0u));
            return doubled;
        }

        byte[] whole = Doubled(Encrypt(new byte[16])), padded = Doubled(whole), state = new byte[16];
        int blocks = Math.Max((covered.Length + 15) / 16, 1);
        for (int block = 0; block < blocks; block++)
        {
            byte[] part = [.. covered.Skip(16 * block).Take(16)];
            bool isLast = block == blocks - 1, isWhole = part.Length == 16;
            part = isWhole ? part : [.. part, 0x80, .. new byte[15 - part.Length]];
            byte[] mask = !isLast ? new byte[16] : isWhole ? whole : padded;
            state = Encrypt([.. state.Select((octet, at) => (byte)(octet ^ part[at] ^ mask[at]))]);
        }

        return state;
    }

    private static byte[] Secret(IcvAlgorithm algorithm) => algorithm == IcvAlgorithm.AesCmac128 ? s_secret[..16] : s_secret;

    private static PtpAuthentication Rules(IcvAlgorithm algorithm)
    {
        var key = new PtpKey(0x0102_0304, algorithm, Secret(algorithm));
        return new(5, [key], key, IsRequired: true, CorrectionIsOpen: false);
    }

    private static byte[] Sync(PtpAuthentication rules, out int length, ushort sequence = 7)
    {
        byte[] buffer = new byte[44 + PtpAuthentication.Longest];
        TimestampBody.Write(buffer, new() { Type = MessageType.Sync, MinorVersion = 1, Length = 44, Source = new(new(1), 1), Sequence = sequence, Correction = new(0x1234) }, new(Duration.FromSeconds(99L)));
        length = rules.Write(buffer, 44);
        return buffer[..length];
    }

    private static Seal Judge(PtpAuthentication rules, byte[] message)
    {
        Assert.True(PtpHeader.TryParse(message, out var header));
        return rules.Judge(header, message);
    }

    private (SimulatedPort Master, SimulatedPort Slave) Pair(PtpAuthentication? masters, PtpAuthentication? slaves, bool peerToPeer = false)
    {
        var mechanism = peerToPeer ? DelayMechanism.P2P : DelayMechanism.E2E;
        var master = New(1, new() { Authentication = masters, DelayMechanism = mechanism }, slaveOnly: false);
        var slave = New(2, new() { Authentication = slaves, DelayMechanism = mechanism }, slaveOnly: true);
        master.Join(slave, 10e-6, 10e-6);
        return (master, slave);
    }

    private SimulatedPort New(ulong clock, PortSettings settings, bool slaveOnly)
    {
        var port = new SimulatedPort(_network) { Instance = new(new() { Identity = new(clock), SlaveOnly = slaveOnly }, ComparisonRule.Ieee1588, () => 0.5) };
        port.Port = port.Instance.AddPort(settings, port, port);
        port.Port.Start(_network.Boot);
        return port;
    }
}
