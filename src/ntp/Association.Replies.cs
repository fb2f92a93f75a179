using System.Buffers.Binary;

namespace TimeSuite.Ntp;

public sealed partial class Association
{
    // A flood of forgeries makes no garbage.
    private static readonly AssociationAction[][] s_refusals =
        [.. Enum.GetValues<Refusal>().Select(reason => new AssociationAction[] { new AssociationAction.Refused(reason) })];

    /// <summary>A datagram came from the server's address, or so it says.</summary>
    /// <param name="datagram">As received; extension fields are not looked at, a MAC only with a <see cref="Key"/>.</param>
    /// <param name="received">When.</param>
    /// <param name="now">The time of this call.</param>
    public IReadOnlyList<AssociationAction> OnDatagram(ReadOnlySpan<byte> datagram, Stamp received, Instant<Raw> now)
    {
        if (Identify(datagram, out var reply, out var request) is { } stranger)
        {
            return Refused(stranger);
        }

        if (Key is not null && Distrust(datagram, reply.Version, Key) is { } flaw)
        {
            return Refused(flaw);
        }

        if (Nts?.Examine(datagram) is { } doubt)
        {
            return Doubted(doubt);
        }

        if (reply.Kiss is { } kiss)
        {
            return Kissed(kiss, request);
        }

        bool interleaved = reply.Origin != request.Basic;
        if (ReplyChecks.Judge(reply, interleaved) is { } fault)
        {
            return Refused(fault);
        }

        // Interleaved requests are made only when there is a last exchange to ask about.
        var subject = interleaved ? _last!.Value : new Completed(request, reply.Receive, received, Told: false);
        var exchange = ToExchange(subject, reply, interleaved);
        if (interleaved && !ReplyChecks.IsPair(exchange))
        {
            return Refused(Refusal.WrongPair);
        }

        // The reply is the server's and is good. Only from here on may the state change.
        List<AssociationAction> actions = [];
        if (_held is { } held)
        {
            Release(held.Exchange, actions);
        }

        _pacing = _pacing.Answered(afterSilence: !Reach.IsReachable);
        Reach = Reach.Answered();
        (_open, _answered) = (null, request);
        (_isNacked, _keysAreRefused) = (false, false);
        _last = new(request, reply.Receive, received, Told: !interleaved);
        Counters.Received++;
        if (!subject.Told)
        {
            Report(exchange, request, now, actions);
        }

        return Wake(actions);
    }

    /// <summary>Finds the request that a datagram answers, or says why it answers none.</summary>
    private Refusal? Identify(ReadOnlySpan<byte> datagram, out NtpHeader reply, out Request request)
    {
        request = default;
        if (!NtpHeader.TryParse(datagram, out reply))
        {
            return Refusal.TooShort;
        }

        if (reply.Mode != NtpMode.Server)
        {
            return Refusal.WrongMode;
        }

        if (reply.Version is not (3 or 4))
        {
            return Refusal.WrongVersion;
        }

        if (_open is not { } open || !open.IsAnsweredBy(reply.Origin))
        {
            return _answered is { } answered && answered.IsAnsweredBy(reply.Origin) ? Refusal.Duplicate : Refusal.BogusOrigin;
        }

        request = open;
        return null;
    }

    /// <summary>Why a reply is not from who has our key. A crypto-NAK comes from anybody, so it is counted and nothing else.</summary>
    private static Refusal? Distrust(ReadOnlySpan<byte> datagram, int version, SymmetricKey key)
    {
        var framing = Framing.Of(datagram);
        if (framing.Tail != Tail.Mac)
        {
            return framing.Tail == Tail.CryptoNak ? Refusal.CryptoNak : Refusal.Unsigned;
        }

        var mac = datagram[framing.MacAt..];
        return BinaryPrimitives.ReadUInt32BigEndian(mac) != key.Id ? Refusal.OtherKey
            : mac.Length == key.MacSize(version) && key.Verifies(datagram[..framing.MacAt], mac) ? null : Refusal.WrongMac;
    }

    /// <summary>Not protected as it should be. That the server does not know our cookie, nobody seals: anyone who saw the request may say so, and a good reply proves them wrong (RFC 8915 section 5.7).</summary>
    private AssociationAction[] Doubted(Refusal doubt)
    {
        _isNacked |= doubt == Refusal.NtsNak;
        return Refused(doubt);
    }

    /// <summary>A kiss with the right origin. Codes that mean nothing to a client change nothing.</summary>
    private IReadOnlyList<AssociationAction> Kissed(KissCode kiss, Request request)
    {
        switch (kiss)
        {
            case KissCode.Rate:
                (_open, _answered) = (null, request);
                _pacing = _pacing.Slower();
                return Wake([.. Refused(Refusal.KissRate)]);
            case KissCode.Deny or KissCode.Restrict:
                (_open, _last, _held, GivenUp) = (null, null, null, kiss);
                return [.. Refused(Refusal.KissDenied), new AssociationAction.GiveUp(kiss)];
            default:
                return Refused(Refusal.KissUnknown);
        }
    }

    /// <summary>The four instants of an exchange, T3 and the server's facts from this reply.</summary>
    private Exchange ToExchange(Completed subject, in NtpHeader reply, bool interleaved)
    {
        var remoteReceived = subject.RemoteReceived.ToUtc(_options.Floor);
        return new()
        {
            Sent = subject.Request.Sent,
            RemoteReceived = remoteReceived,
            RemoteSent = remoteReceived + (reply.Transmit - subject.RemoteReceived), // of the same era as T2, by difference
            Received = subject.Received,
            Interleaved = interleaved,
            Leap = reply.Leap,
            Stratum = reply.Stratum,
            Version = reply.Version,
            ReferenceId = reply.ReferenceId,
            ReferenceTime = reply.ReferenceTime,
            RootDelay = reply.RootDelay.ToDuration(),
            RootDispersion = reply.RootDispersion.ToDuration(),
            Resolution = Duration.FromSeconds(Math.ScaleB(1, Math.Clamp((int)reply.Precision, -32, 6))),
        };
    }

    /// <summary>Reports an exchange, now or when the kernel's stamp of its request comes.</summary>
    private void Report(Exchange exchange, Request request, Instant<Raw> now, List<AssociationAction> actions)
    {
        _pacing = ReplyChecks.Judge(exchange, _options.MaxDelay) is null ? _pacing.Measured() : _pacing;
        if (!exchange.Interleaved && exchange.Sent.Source == StampSource.Daemon && _options.StampPatience > Duration.Zero)
        {
            _held = new(request.Number, exchange, now + _options.StampPatience);
            return;
        }

        Release(exchange, actions);
    }

    private void Release(Exchange exchange, List<AssociationAction> actions)
    {
        _held = null;
        if (ReplyChecks.Judge(exchange, _options.MaxDelay) is { } fault)
        {
            actions.AddRange(Refused(fault));
            return;
        }

        Counters.Measured++;
        actions.Add(new AssociationAction.Measured(exchange));
    }

    private AssociationAction[] Refused(Refusal reason)
    {
        Counters.Count(reason);
        return s_refusals[(int)reason];
    }
}
