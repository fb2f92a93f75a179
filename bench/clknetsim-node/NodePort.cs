using TimeSuite.Ntp;
using TimeSuite.Ntpd.Sources;

namespace TimeSuite.ClknetsimNode;

/// <summary>The way to one server: each request from a new port.</summary>
internal sealed class NodePort(Node node, uint subnet, uint server, uint port, IRequestListener listener) : IRequestPort
{
    private uint _local; // 0: closed

    public string? Send(ReadOnlySpan<byte> datagram, out Stamp sent)
    {
        Close();
        _local = node.OpenPort(this);
        sent = node.Stamp;
        node.Wire.Send(new(subnet, server, _local, port, datagram.ToArray()));
        return null;
    }

    /// <summary>Something came to our port.</summary>
    public void Take(in NodePacket packet)
    {
        if (packet.Subnet == subnet && packet.Node == server && packet.SourcePort == port)
        {
            listener.OnDatagram(packet.Data.Span, node.Stamp, node.Clock.Raw);
        }
    }

    public void Close()
    {
        node.ClosePort(_local);
        _local = 0;
    }

    public void Dispose() => Close();
}
