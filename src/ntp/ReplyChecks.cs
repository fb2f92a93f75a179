namespace TimeSuite.Ntp;

/// <summary>The tests of a reply that need no memory of ours: RFC 5905 section 9.2, tests 3, 6 and 7, and what follows from arithmetic.</summary>
internal static class ReplyChecks
{
    private static readonly Duration s_maxDistance = Duration.FromSeconds(16L); // MAXDISP
    private static readonly Duration s_coarsest = Duration.FromSeconds(0.03125); // the most that a claimed precision may excuse
    private static readonly FrequencyOffset s_rateDoubt = FrequencyOffset.FromPpm(1000); // ours and theirs, each at its worst

    /// <summary>What is wrong with the reply itself, if anything. It was asked for and is no kiss.</summary>
    /// <param name="reply">A server's reply.</param>
    /// <param name="interleaved">Then its transmit field speaks of an earlier exchange.</param>
    public static Refusal? Judge(in NtpHeader reply, bool interleaved)
    {
        if (!reply.Receive.IsKnown || !reply.Transmit.IsKnown)
        {
            return Refusal.NoStamps;
        }

        if (reply.Leap == LeapIndicator.Unsynchronized || reply.Stratum is 0 or 16)
        {
            return Refusal.Unsynchronized;
        }

        if (reply.Stratum > 16)
        {
            return Refusal.InvalidStratum;
        }

        if (reply.RootDelay.ToDuration().Half() + reply.RootDispersion.ToDuration() >= s_maxDistance)
        {
            return Refusal.RootDistance;
        }

        var left = interleaved ? reply.Receive : reply.Transmit; // the latest that we know of the server's time
        if (reply.ReferenceTime.IsKnown && left - reply.ReferenceTime < Duration.Zero)
        {
            return Refusal.ReferenceTime;
        }

        return !interleaved && reply.Transmit - reply.Receive < Duration.Zero ? Refusal.TurnRound : null;
    }

    /// <summary>What is wrong with the four instants, if anything.</summary>
    public static Refusal? Judge(Exchange exchange, Duration maxDelay)
    {
        if (exchange.Received.At < exchange.Sent.At)
        {
            return Refusal.LocalOrder;
        }

        if (exchange.Delay < -Doubt(exchange))
        {
            return Refusal.DelayNegative;
        }

        return exchange.Delay > maxDelay ? Refusal.DelayTooLong : null;
    }

    /// <summary>Whether T3 can belong to an exchange: after its T2, and the reply came home no sooner than it left.</summary>
    public static bool IsPair(Exchange exchange) =>
        exchange.RemoteSent >= exchange.RemoteReceived && exchange.Delay >= -Doubt(exchange);

    private static Duration Doubt(Exchange exchange) =>
        exchange.Sent.Error + exchange.Received.Error + Duration.Min(exchange.Resolution, s_coarsest)
        + (exchange.Received.At - exchange.Sent.At).Magnitude.At(s_rateDoubt);
}
