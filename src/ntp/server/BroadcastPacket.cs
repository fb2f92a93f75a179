namespace TimeSuite.Ntp;

/// <summary>What a broadcast server sends unasked (RFC 5905, mode 5).</summary>
public static class BroadcastPacket
{
    /// <summary>With the longest MAC.</summary>
    public const int LongestSize = NtpHeader.Size + SymmetricKey.IdSize + 20;

    /// <param name="state">What we say of ourselves.</param>
    /// <param name="interval">Between two packets, log2 s.</param>
    /// <param name="key">Signs it; null: nobody does.</param>
    /// <param name="transmit">When it leaves.</param>
    /// <param name="packet">At least <see cref="LongestSize"/> octets.</param>
    /// <returns>Octets written; 0: nothing is to be sent, for we are not synchronised.</returns>
    public static int Write(in ServerState state, int interval, SymmetricKey? key, NtpTimestamp transmit, Span<byte> packet)
    {
        const int version = 4;
        if (state.Leap == LeapIndicator.Unsynchronized || state.Stratum is < 1 or > 15)
        {
            return 0;
        }

        new NtpHeader
        {
            Leap = state.Leap,
            Version = version,
            Mode = NtpMode.Broadcast,
            Stratum = (byte)state.Stratum,
            Poll = (sbyte)interval,
            Precision = state.Precision,
            RootDelay = NtpShort.FromDuration(state.RootDelay),
            RootDispersion = NtpShort.FromDuration(state.RootDispersionAt(transmit)),
            ReferenceId = state.ReferenceId,
            ReferenceTime = state.ReferenceTime,
            Transmit = transmit,
        }.Write(packet);
        int mac = key?.MacSize(version) ?? 0;
        key?.Sign(packet[..NtpHeader.Size], packet.Slice(NtpHeader.Size, mac));
        return NtpHeader.Size + mac;
    }
}
