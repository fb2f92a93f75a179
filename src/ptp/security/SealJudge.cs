namespace TimeSuite.Ptp;

/// <summary>Judges what comes to one port by its seal, and by whether it was sent before.</summary>
/// <remarks>
/// Sequence numbers have 16 bits, so this is all that they can do: of each stream of a sender the last 64 numbers count once, a number further ahead than that is refused while the
/// stream goes on, and a stream that was silent for ten seconds, or for four of its intervals if that is longer, may go on anywhere (its sender was started anew). Answers need none of this: they are joined with requests that are under way.
/// Only those who have a key are remembered.
/// </remarks>
internal sealed class SealJudge(PtpAuthentication rules)
{
    private const int LongestLogInterval = 10;
    private const int Streams = 1_024, Window = 64; // a power of two; the bits of Seen

    private static readonly Duration Silence = Duration.FromSeconds(10L);

    private readonly Stream[] _streams = new Stream[Streams];

    /// <summary>Why a message is not looked at; null: it is.</summary>
    public Drop? WhyNot(in PtpHeader header, ReadOnlySpan<byte> message, Instant<Boot> now) => rules.Judge(header, message) switch
    {
        Seal.Right => IsReplay(header, now) ? Drop.Replayed : null,
        Seal.None when !rules.IsRequired => null,
        _ => Drop.NotAuthentic,
    };

    private static Duration SilenceOf(in PtpHeader header) =>
        header.LogInterval is > 0 and <= LongestLogInterval ? Duration.Max(Silence, Duration.FromSeconds(4L << header.LogInterval)) : Silence;

    private bool IsReplay(in PtpHeader header, Instant<Boot> now)
    {
        bool isStream = header.Type is MessageType.Sync or MessageType.FollowUp or MessageType.Announce or MessageType.DelayReq or MessageType.PdelayReq or MessageType.Signaling;
        if (!isStream || header.SdoId == CsptpTlv.SdoId) // in CSPTP nobody has an identity, and the server no memory
        {
            return false;
        }

        bool isUnicast = header.Is(PtpFlags.Unicast);
        ref var stream = ref _streams[HashCode.Combine(header.Source, header.Type, isUnicast) & (Streams - 1)];
        if (!stream.IsUsed || stream.Source != header.Source || stream.Type != header.Type || stream.IsUnicast != isUnicast || now - stream.At > SilenceOf(header))
        {
            stream = new() { IsUsed = true, Source = header.Source, Type = header.Type, IsUnicast = isUnicast, Last = header.Sequence, Seen = 1, At = now };
            return false;
        }

        int ahead = unchecked((short)(header.Sequence - stream.Last)); // modulo 2^16, as the numbers go
        if (ahead is > Window or <= -Window || (ahead <= 0 && (stream.Seen >> -ahead & 1) != 0))
        {
            return true;
        }

        if (ahead > 0)
        {
            stream.Seen = (ahead == Window ? 0 : stream.Seen << ahead) | 1;
            stream.Last = header.Sequence;
        }
        else
        {
            stream.Seen |= 1UL << -ahead;
        }

        stream.At = now;
        return false;
    }

    private struct Stream
    {
        public bool IsUsed, IsUnicast;
        public PortIdentity Source;
        public MessageType Type;
        public ushort Last;
        public ulong Seen; // bit n: the number n before the last
        public Instant<Boot> At;
    }
}
