using TimeSuite.Ntp;
using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <summary>Somebody who may be asked for the time.</summary>
public interface IAnswers
{
    /// <summary>A request has come.</summary>
    /// <param name="request">The datagram.</param>
    /// <param name="now">True time, s.</param>
    /// <param name="reply">At least 48 octets.</param>
    /// <returns>Octets of the reply; 0: silence.</returns>
    int Answer(ReadOnlySpan<byte> request, double now, Span<byte> reply);
}

/// <summary>A server: the suite's own <see cref="Responder"/> on a clock that is right, or wrong as a scenario wants it.</summary>
public sealed class VirtualServer : IAnswers
{
    private readonly World _world;
    private readonly Responder _responder = new(new TransmitMemory(4)), _forgetful = new(null);

    public VirtualServer(World world, int index) => (_world, Index) = (world, index);

    public int Index { get; }

    /// <summary>Server's clock minus UTC, s, by true time.</summary>
    public Func<double, double> Error { get; set; } = _ => 0;

    /// <summary>What it says of itself.</summary>
    public ServerState State { get; set; } = new()
    {
        Leap = LeapIndicator.None,
        Stratum = 1,
        Precision = -30,
        ReferenceId = ReferenceId.FromAscii("GPS"),
    };

    /// <summary>Whether it announces a leap second that there will be.</summary>
    public bool TellsLeap { get; set; } = true;

    /// <summary>Whether it knows interleaved mode.</summary>
    public bool Remembers { get; set; } = true;

    /// <summary>Answers with this kiss instead, by true time; null: serves.</summary>
    public Func<double, KissCode?> Kiss { get; set; } = _ => null;

    /// <summary>Whether it answers, by true time.</summary>
    public Func<double, bool> IsUp { get; set; } = _ => true;

    /// <summary>Changes a reply on its way out: what an attacker on the server can do.</summary>
    public Func<NtpHeader, double, NtpHeader>? Forge { get; set; }

    public long Requests { get; private set; }

    public int Answer(ReadOnlySpan<byte> request, double now, Span<byte> reply)
    {
        Requests++;
        var time = NtpTimestamp.FromUtc(_world.Quantised(_world.UtcAt(now) + Duration.FromSeconds(Error(now))));
        var state = State with { ReferenceTime = time, Leap = State.Leap == LeapIndicator.None && TellsLeap ? _world.LeapFlagAt(now) : State.Leap };
        var responder = Remembers ? _responder : _forgetful;
        if (!IsUp(now) || !responder.TryRespond(request, state, time, reply, out var response))
        {
            return 0;
        }

        responder.Depart(response, reply, time);
        if ((Kiss(now) is not null || Forge is not null) && NtpHeader.TryParse(reply, out var header))
        {
            header = Forge is null ? header : Forge(header, now);
            header = Kiss(now) is { } kiss ? header with { Leap = LeapIndicator.Unsynchronized, Stratum = 0, ReferenceId = new((uint)kiss) } : header;
            header.Write(reply);
        }

        return response.Length;
    }
}
