namespace TimeSuite.Nts.Tests.Aead;

public sealed class AeadCipherTests
{
    private static readonly NtsAead[] All = [NtsAead.AesSivCmac256, NtsAead.AesSivCmac384, NtsAead.AesSivCmac512, NtsAead.Aes128GcmSiv];

    public static TheoryData<NtsAead, bool> Each
    {
        get
        {
            var data = new TheoryData<NtsAead, bool>();
            foreach (var aead in All)
            {
                data.Add(aead, true);
                data.Add(aead, false);
            }

            return data;
        }
    }

    /// <summary>They have one string and three, NTS has two: the plain one takes any number, and the fast one has to agree with it.</summary>
    [Fact]
    public void The_vectors_of_RFC_5297_appendix_A_are_met()
    {
        var cipher = new PlainAesSiv();
        cipher.SetKey(Octets.Of("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0 f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"));
        byte[] output = new byte[30];
        cipher.Seal([Octets.Of("101112131415161718191a1b1c1d1e1f2021222324252627")], Octets.Of("112233445566778899aabbccddee"), output);
        Assert.Equal("85632D07C6E8F37F950ACD320A2ECC9340C02B9690C4DC04DAEF7F6AFE5C", Convert.ToHexString(output));

        cipher.SetKey(Octets.Of("7f7e7d7c7b7a79787776757473727170 404142434445464748494a4b4c4d4e4f"));
        output = new byte[16 + 47];
        cipher.Seal(
            [Octets.Of("00112233445566778899aabbccddeeffdeaddadadeaddadaffeeddccbbaa99887766554433221100"), Octets.Of("102030405060708090a0"), Octets.Of("09f911029d74e35bd84156c5635688c0")],
            Octets.Of("7468697320697320736f6d6520706c61696e7465787420746f20656e6372797074207573696e67205349562d414553"), output);
        Assert.Equal("7BDB6E3B432667EB06F4D14BFF2FBD0FCB900F2FDDBE404326601965C889BF17DBA77CEB094FA663B7A3F748BA8AF829EA64AD544A272E9C485B62A3FD5C0D", Convert.ToHexString(output));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_vector_of_RFC_8452_appendix_C_1_is_met(bool byInstructions)
    {
        var cipher = AeadCipher.Create(NtsAead.Aes128GcmSiv, byInstructions);
        cipher.SetKey(Octets.Of("01000000000000000000000000000000"));
        byte[] output = new byte[24];
        cipher.Seal(Octets.Of("030000000000000000000000"), [], Octets.Of("0100000000000000"), output);
        Assert.Equal("B5D839330AC7B786578782FFF6013B815B287C22493A364C", Convert.ToHexString(output));

        output = new byte[16 + 8];
        cipher.Seal(Octets.Of("030000000000000000000000"), Octets.Of("01"), Octets.Of("0200000000000000"), output);
        Assert.Equal("1E6DABA35669F4273B0A1A2560969CDF790D99759ABD1508", Convert.ToHexString(output));
    }

    [Theory]
    [MemberData(nameof(Each))]
    public void What_is_sealed_opens_and_any_changed_bit_does_not(NtsAead aead, bool byInstructions)
    {
        var chance = new Random(5297);
        var cipher = AeadCipher.Create(aead, byInstructions);
        for (int length = 0; length < 130; length += length < 36 ? 1 : 7)
        {
            byte[] key = Some(chance, aead.KeySize()), nonce = Some(chance, aead.NonceSize()), associated = Some(chance, chance.Next(60)), plaintext = Some(chance, length);
            cipher.SetKey(key);
            byte[] output = new byte[length + 16], back = new byte[length];
            cipher.Seal(nonce, associated, plaintext, output);
            Assert.True(cipher.TryOpen(nonce, associated, output, back));
            Assert.Equal(plaintext, back);

            foreach (byte[] part in new[] { nonce, associated, output }.Where(part => part.Length > 0))
            {
                int at = chance.Next(part.Length * 8);
                part[at / 8] ^= (byte)(1 << at % 8);
                Assert.False(cipher.TryOpen(nonce, associated, output, back));
                Assert.All(back, octet => Assert.Equal(0, octet));
                part[at / 8] ^= (byte)(1 << at % 8);
            }
        }
    }

    [Theory]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(30)]
    public void Instructions_and_library_agree(int number)
    {
        var aead = (NtsAead)number;
        var chance = new Random(number);
        var (fast, plain) = (AeadCipher.Create(aead, byInstructions: true), AeadCipher.Create(aead, byInstructions: false));
        for (int round = 0; round < 2_000; round++)
        {
            byte[] key = Some(chance, aead.KeySize()), associated = Some(chance, chance.Next(300)), plaintext = Some(chance, chance.Next(200));
            byte[] nonce = Some(chance, number == 30 ? 12 : chance.Next(1, 40));
            byte[] one = new byte[plaintext.Length + 16], other = new byte[plaintext.Length + 16];
            fast.SetKey(key);
            plain.SetKey(key);
            fast.Seal(nonce, associated, plaintext, one);
            plain.Seal(nonce, associated, plaintext, other);
            Assert.Equal(Convert.ToHexString(other), Convert.ToHexString(one));
        }
    }

    [Theory]
    [MemberData(nameof(Each))]
    public void What_is_too_short_or_has_no_fit_nonce_does_not_open(NtsAead aead, bool byInstructions)
    {
        var cipher = AeadCipher.Create(aead, byInstructions);
        cipher.SetKey(new byte[aead.KeySize()]);

        Assert.False(cipher.TryOpen(new byte[aead.NonceSize()], [], new byte[15], []));
        Assert.False(cipher.TryOpen([], [], new byte[16], []));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(30)]
    public void Nothing_is_allocated(int number)
    {
        var aead = (NtsAead)number;
        var cipher = AeadCipher.Create(aead, byInstructions: true);
        byte[] key = new byte[aead.KeySize()], nonce = new byte[aead.NonceSize()], associated = new byte[216], plaintext = new byte[100], output = new byte[116];
        Once();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 100; round++)
        {
            Once();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Once()
        {
            cipher.SetKey(key);
            cipher.Seal(nonce, associated, plaintext, output);
            cipher.TryOpen(nonce, associated, output, plaintext);
        }
    }

    private static byte[] Some(Random chance, int count)
    {
        byte[] some = new byte[count];
        chance.NextBytes(some);
        return some;
    }
}
