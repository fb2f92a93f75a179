namespace TimeSuite.Ntp.Tests;

/// <summary>Things that a test needs some of, whichever.</summary>
internal static class A
{
    public static readonly ServerState State = new()
    {
        Leap = LeapIndicator.None,
        Stratum = 2,
        Precision = -24,
        ReferenceId = new(0xC000_0221),
        ReferenceTime = At.Ntp(-100),
        RootDelay = At.Seconds(0.5),
        RootDispersion = At.Seconds(0.25),
        AsOf = At.Ntp(-100),
    };

    /// <summary>A secret that depends on the number and the algorithm.</summary>
    public static SymmetricKey Key(uint id, MacAlgorithm algorithm)
    {
        byte[] secret = new byte[algorithm == MacAlgorithm.Aes128 ? 16 : 32];
        new Random((int)id + (100 * (int)algorithm)).NextBytes(secret);
        return new(id, algorithm, secret);
    }

    /// <summary>A request of this version.</summary>
    public static byte[] Request(int version = 4) => Client.Octets(new() { Version = version, Mode = NtpMode.Client, Poll = 6, Transmit = new(0xABCD) });

    /// <summary>The same with a MAC.</summary>
    public static byte[] Signed(byte[] message, SymmetricKey key, int version = 4)
    {
        byte[] mac = new byte[key.MacSize(version)];
        key.Sign(message, mac);
        return [.. message, .. mac];
    }

    /// <summary>An extension field of this type with so many octets of value.</summary>
    public static byte[] Field(ushort type, int value)
    {
        byte[] field = new byte[4 + value];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(field, type);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(field.AsSpan(2), (ushort)field.Length);
        return field;
    }

    /// <summary>What became of a datagram.</summary>
    public static RequestVerdict Verdict(this RequestService service, ReadOnlySpan<byte> request, Span<byte> reply, out Response response, ClientAddress client = default)
    {
        var before = Enum.GetValues<RequestVerdict>().Select(verdict => service.Counters[verdict]).ToArray();
        bool answered = service.TryRespond(request, client, At.Ntp(10), reply, out response);
        var verdict = Enum.GetValues<RequestVerdict>().Single(verdict => service.Counters[verdict] != before[(int)verdict]);
        Assert.Equal(answered, verdict.IsReply());
        return verdict;
    }
}
