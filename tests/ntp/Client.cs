namespace TimeSuite.Ntp.Tests;

/// <summary>An association driven by hand, one literal time after the other.</summary>
internal sealed class Client
{
    private readonly Random _dice;

    public Client(AssociationOptions? options = null, int seed = 1)
    {
        _dice = new(seed);
        Association = new(options ?? Options, Draw, At.Raw(0));
    }

    /// <summary>One request at a time, no burst: what most tests want.</summary>
    public static AssociationOptions Options => new() { Floor = At.Floor, Iburst = false };

    public Association Association { get; }

    /// <summary>The last request as it was sent.</summary>
    public NtpHeader Request { get; private set; }

    public ulong Number { get; private set; }

    /// <summary>Lets the timer go off at its due time, or at <paramref name="at"/>, and returns the request that it sends.</summary>
    public NtpHeader Ask(double? at = null)
    {
        var actions = Association.OnTimer(at is { } time ? At.Raw(time) : Association.Due!.Value);
        var send = Assert.Single(actions.OfType<AssociationAction.Send>());
        Assert.True(NtpHeader.TryParse(send.Datagram.Span, out var request));
        (Request, Number) = (request, send.Request);
        return request;
    }

    /// <summary>A good basic reply to the last request, with T2 and T3 in seconds after the epoch.</summary>
    public NtpHeader Reply(double received, double sent) => new()
    {
        Version = 4,
        Mode = NtpMode.Server,
        Stratum = 1,
        Precision = -30,
        ReferenceId = ReferenceId.FromAscii("GPS"),
        ReferenceTime = At.Ntp(received - 1),
        Origin = Request.Transmit,
        Receive = At.Ntp(received),
        Transmit = At.Ntp(sent),
    };

    public IReadOnlyList<AssociationAction> Hear(NtpHeader reply, double at) => Hear(Octets(reply), at);

    public IReadOnlyList<AssociationAction> Hear(byte[] datagram, double at) => Association.OnDatagram(datagram, At.Kernel(at), At.Raw(at));

    /// <summary>Asks, and is answered 20 ms later by a server whose clock is right.</summary>
    public IReadOnlyList<AssociationAction> AskAndHear()
    {
        double due = Association.Due!.Value.SinceEpoch.Seconds;
        Ask();
        return Hear(Reply(due + 0.010, due + 0.010), due + 0.020);
    }

    public static byte[] Octets(NtpHeader header)
    {
        var octets = new byte[NtpHeader.Size];
        header.Write(octets);
        return octets;
    }

    private ulong Draw() => unchecked((ulong)_dice.NextInt64(long.MinValue, long.MaxValue));
}

/// <summary>Shorthand for what an association answered.</summary>
internal static class Answers
{
    public static Exchange? Exchange(this IEnumerable<AssociationAction> actions) =>
        actions.OfType<AssociationAction.Measured>().SingleOrDefault()?.Exchange;

    public static Refusal? Refusal(this IEnumerable<AssociationAction> actions) =>
        actions.OfType<AssociationAction.Refused>().SingleOrDefault()?.Reason;
}
