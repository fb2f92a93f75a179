using System.Buffers.Binary;

namespace TimeSuite.Ptp;

/// <content>Management over the network: what is asked for is told, and nothing can be changed (IEEE 1588-2019 clause 15).</content>
public sealed partial class PtpPort
{
    private const int IdSize = 2, ErrorSize = 8;

    /// <summary>Replies a second. More are asked for by nobody who means well, and a reply is longer than its request.</summary>
    private const int MostReplies = 50;

    private (long Second, int Count) _replies, _passed;

    private void OnManagement(in PtpHeader header, ReadOnlySpan<byte> message, PtpAddress from, Instant<Boot> now)
    {
        var request = ManagementBody.Parse(message);
        HandOn(header, request, message, now);
        var tlvs = Tlvs.Of(message, header);
        if (request.Action is ManagementAction.Response or ManagementAction.Acknowledge || !tlvs.MoveNext() || tlvs.Current.Type != TlvType.Management || tlvs.Current.Value.Length < IdSize)
        {
            Counters.Count(Drop.NotNow);
            return;
        }

        var id = (ManagementId)BinaryPrimitives.ReadUInt16BigEndian(tlvs.Current.Value);
        foreach (var port in _instance.Ports)
        {
            // A value of the instance is told once, by the port that was asked.
            if (id.IsOfPort() ? request.Target.Covers(port.Identity) : port == this && IsAddressed(request.Target))
            {
                Answer(header, request, id, port, from, now);
            }
        }
    }

    /// <summary>A boundary clock hands requests and responses on, as far as they are allowed to go (clause 15.3.3). Not sealed ones: they would have to be sealed anew.</summary>
    private void HandOn(in PtpHeader header, in ManagementBody body, ReadOnlySpan<byte> message, Instant<Boot> now)
    {
        if (body.Hops == 0 || body.Target.Clock == Identity.Clock || header.Length > _buffer.Length || header.Is(PtpFlags.Unicast) || _seals is not null || !HandsOn || !_instance.Ports.Any(port => port != this && port.HandsOn))
        {
            return;
        }

        if (IsTooOften(ref _passed, now))
        {
            Counters.Count(Drop.TooOften);
            return;
        }

        foreach (var port in _instance.Ports)
        {
            if (port == this || !port.HandsOn)
            {
                continue;
            }

            var copy = port._buffer.AsSpan(0, header.Length);
            message[..header.Length].CopyTo(copy);
            (body with { Hops = (byte)(body.Hops - 1) }).Write(copy, header);
            port.Counters.CountSent(MessageType.Management);
            port._output.SendGeneral(copy, Destination.Group);
        }
    }

    /// <summary>Not a passive port, for then messages would go round.</summary>
    private bool HandsOn => _settings.Multicast && State is PortState.Master or PortState.PreMaster or PortState.Slave or PortState.Uncalibrated;

    private static bool IsTooOften(ref (long Second, int Count) count, Instant<Boot> now)
    {
        long second = now.SinceEpoch.WholeSeconds;
        count = count.Second == second ? (second, count.Count + 1) : (second, 1);
        return count.Count > MostReplies;
    }

    private bool IsAddressed(PortIdentity target) => target.Clock == ClockIdentity.All || target.Clock == Identity.Clock;

    private void Answer(in PtpHeader request, in ManagementBody body, ManagementId id, PtpPort port, PtpAddress from, Instant<Boot> now)
    {
        if (IsTooOften(ref _replies, now))
        {
            Counters.Count(Drop.TooOften);
            return;
        }

        var tlv = _buffer.AsSpan(ManagementBody.Size);
        int length = ManagementData.Write(id, _instance, port, now, tlv[(Tlvs.Head + IdSize)..]);
        ManagementError? error = length < 0 ? ManagementError.NoSuchId : body.Action == ManagementAction.Get ? null : ManagementError.NotSetable;
        if (error is { } refusal)
        {
            var value = Tlvs.Begin(tlv, TlvType.ManagementErrorStatus, ErrorSize);
            value.Clear();
            BinaryPrimitives.WriteUInt16BigEndian(value, (ushort)refusal);
            BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)id);
            length = ErrorSize;
        }
        else
        {
            length += IdSize;
            BinaryPrimitives.WriteUInt16BigEndian(Tlvs.Begin(tlv, TlvType.Management, length), (ushort)id);
        }

        int size = ManagementBody.Size + Tlvs.Head + length;
        bool unicast = request.Is(PtpFlags.Unicast);
        byte hops = (byte)Math.Max(0, body.StartingHops - body.Hops);
        var action = body.Action == ManagementAction.Command ? ManagementAction.Acknowledge : ManagementAction.Response;
        var header = Header(MessageType.Management, size, request.Sequence, PtpHeader.NoInterval, unicast ? PtpFlags.Unicast : PtpFlags.None) with { Source = port.Identity };
        new ManagementBody(request.Source, hops, hops, action).Write(_buffer, header);
        Counters.CountSent(MessageType.Management);
        _output.SendGeneral(_buffer.AsSpan(0, size), unicast ? new(false, from) : Destination.Group);
    }
}
