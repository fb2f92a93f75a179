using TimeSuite.Ntp;
using TimeSuite.Ntpd.Sources;
using TimeSuite.Time;

namespace TimeSuite.Simulation;

/// <summary>There and back between a client and a server.</summary>
/// <param name="Up">Requests.</param>
/// <param name="Down">Replies.</param>
/// <param name="Server">At the far end.</param>
public sealed record NetworkPath(Way Up, Way Down, IAnswers Server);

/// <summary>A client's port to one server: real octets over a virtual path, with the stamps that the kernel would make.</summary>
internal sealed class VirtualPort(Machine machine, NetworkPath path, IRequestListener listener, StampMaker stamps) : IRequestPort
{
    private const double LateBy = 0.01; // s

    private ulong _request; // each leaves from a new port: what comes to an older one is not taken

    public string? Send(ReadOnlySpan<byte> datagram, out Stamp sent)
    {
        ulong request = ++_request;
        var world = machine.World;
        double now = world.Now;
        var (first, later) = stamps.OfTransmission(machine.Host);
        sent = first;
        machine.CountRequest();
        if (later is { } late)
        {
            world.At(now + LateBy, () => machine.Take(() => Transmitted(request, late)));
        }

        Carry(path.Up, datagram.ToArray(), (octets, when) => Arrive(octets, when, request));
        return null;
    }

    public void Close() => _request++;

    public void Dispose() => Close();

    private void Transmitted(ulong request, Stamp sent)
    {
        if (request == _request)
        {
            listener.OnTransmitted(sent);
        }
    }

    private void Arrive(byte[] request, double now, ulong number)
    {
        byte[] reply = new byte[NtpHeader.Size];
        int length = path.Server.Answer(request, now, reply);
        if (length > 0)
        {
            Carry(path.Down, reply, (octets, _) => Return(octets, number));
        }
    }

    private void Return(byte[] octets, ulong number)
    {
        if (number == _request && machine.IsAwake)
        {
            var received = stamps.OfReception(machine.Host);
            machine.Take(() =>
            {
                if (number == _request)
                {
                    listener.OnDatagram(octets, received, machine.Host.Raw);
                }
            });
        }
    }

    private void Carry(Way way, byte[] octets, Action<byte[], double> arrive)
    {
        var world = machine.World;
        foreach (double delay in way.Enter(world.Now))
        {
            double when = world.Now + delay;
            world.At(when, () => arrive(octets, when));
        }
    }
}
