namespace TimeSuite.Ptp;

/// <content>What others ask for: other intervals, or messages for themselves alone (IEEE 1588-2019 clause 13.12).</content>
public sealed partial class PtpPort
{
    private const int MostAsked = 8; // TLVs of one message that are looked at

    private void OnSignaling(in PtpHeader header, ReadOnlySpan<byte> message, PtpAddress from, Instant<Boot> now)
    {
        if (!SignalingBody.Target(message).Covers(Identity))
        {
            return; // another port's
        }

        int looked = 0;
        foreach (var tlv in Tlvs.Of(message, header))
        {
            if (++looked > MostAsked)
            {
                Counters.Count(Drop.TooOften);
                return;
            }

            if (MessageIntervalRequest.TryRead(tlv, out var request))
            {
                OnIntervalRequest(request, now);
            }
            else if (UnicastRequest.TryRead(tlv, out var asked))
            {
                OnUnicastRequest(header, asked, from, now);
            }
            else if (UnicastGrant.TryRead(tlv, out var grant))
            {
                if (!TakeGrant(grant, from, now))
                {
                    Counters.Count(Drop.Unmatched);
                }
            }
            else if (UnicastCancel.TryRead(tlv, out var cancel))
            {
                OnUnicastCancel(header, cancel, from, now);
            }
            else
            {
                Counters.Count(Drop.NotNow);
            }
        }
    }
}
