using System.ComponentModel;
using TimeSuite.Linux;
using TimeSuite.Ptp;

namespace TimeSuite.Ptpd;

/// <content>What comes in: datagrams, and the stamps of those that were sent.</content>
internal sealed partial class PortDriver
{
    private const int MostBatches = 8; // more than a socket's buffer holds

    private void OnEvents() => Serve(transport =>
    {
        _line.Look();
        TakeStamps(transport);
        Take(transport.Events);
    });

    /// <summary>Whether what is routine comes by itself: not to clocks of other kinds.</summary>
    private bool HasRoutine => Port.Settings.Mode == PortMode.Ordinary && Port.Settings.DelayMechanism is DelayMechanism.E2E or DelayMechanism.Auto;

    private void OnRoutine() => Serve(transport => TakeGenerals(transport, transport.Routine));

    private void OnGenerals() => Serve(transport => TakeGenerals(transport, transport.Generals));

    private void TakeGenerals(Transport transport, StampedSocket? generals)
    {
        _line.Look();
        for (int i = 0; i < MostBatches && _patience.Events && Take(transport.Events) == Batch; i++)
        {
            _patience.Crowded();
        }

        if (generals == transport.Routine)
        {
            _patience.Looked(Clocks.Boot());
        }

        if (_transport == transport && generals is not null)
        {
            _isInGenerals = true;
            Take(generals);
            _isInGenerals = false;
        }
    }

    private void LetWait()
    {
        if (_transport is not { } transport || transport.Events == transport.Generals)
        {
            return;
        }

        var (events, routine) = (_patience.Events, _patience.Routine);
        _patience.Judge(Port, isBySoftware: Clock is null, hasRoutine: transport.Routine is not null, Age);
        if (_patience.Events != events)
        {
            _loop.Heed(transport.Events.Descriptor, input: !_patience.Events);
        }

        if (_patience.Routine != routine)
        {
            _loop.Heed(transport.Routine!.Descriptor, input: !_patience.Routine);
        }
    }

    /// <summary>The kernel stamps at once what it hands to the driver at once: to wait for it would be one waking more for each message.</summary>
    private void TakeOwnStamps()
    {
        if (_hasSent)
        {
            Serve(transport =>
            {
                _hasSent = false;
                _line.Look();
                while (_awaited.Any && _transport == transport && TakeStamp(transport))
                {
                }
            });
        }
    }

    private void Serve(Action<Transport> serve)
    {
        if (_transport is not { } transport)
        {
            return;
        }

        try
        {
            serve(transport);
        }
        catch (Win32Exception failure)
        {
            Stop(failure.Message);
        }
    }

    private void TakeStamps(Transport transport)
    {
        while (_transport == transport && TakeStamp(transport)) // what is done with one may close it
        {
        }
    }

    /// <returns>False if none is there.</returns>
    private bool TakeStamp(Transport transport)
    {
        if (!transport.Events.TryReceiveTransmitStamp(out uint id, out var stamp))
        {
            return false;
        }

        if (_awaited.TryTake(id, out var ticket))
        {
            if (_line.Map(stamp) is { } at)
            {
                Work();
                Port.Sent(ticket, at, Clocks.Boot());
            }
            else
            {
                Port.StampLost(ticket);
            }
        }

        return true;
    }

    /// <returns>How many there were.</returns>
    private int Take(StampedSocket socket)
    {
        // Not without end: who floods us must not keep the timers from running.
        int count = 0;
        for (; count < Batch && _transport is { } transport && (transport.Events == socket || transport.Generals == socket || transport.Routine == socket); count++) // handling one may close it
        {
            var outcome = socket.TryReceive(_buffer, out var datagram);
            if (outcome == DatagramOutcome.Done)
            {
                Port.Received(_buffer.AsSpan(0, datagram.Length), datagram.Stamp is { } stamp ? _line.Map(stamp) : null, Transport.From(datagram), Clocks.Boot());
                continue;
            }

            if (outcome is not (DatagramOutcome.WouldBlock or DatagramOutcome.Refused))
            {
                Suffer(outcome, Destination.Group);
            }

            break;
        }

        return count;
    }
}
