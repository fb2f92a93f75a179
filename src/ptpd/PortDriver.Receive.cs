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

    /// <summary>Whether Delay_Resps come by themselves: not where there are none, nor where they are handed on.</summary>
    private bool HasResponses => Port.Settings.Mode == PortMode.Ordinary && Port.Settings.DelayMechanism is DelayMechanism.E2E or DelayMechanism.Auto;

    private void OnResponses() => Serve(transport =>
    {
        if (transport.Responses is { } responses)
        {
            _line.Look();
            Take(responses);
        }
    });

    private void OnGenerals() => Serve(transport =>
    {
        _line.Look();
        for (int i = 0; i < MostBatches && _isPatient && Take(transport.Events) == Batch; i++)
        {
            // In a network with many slaves we hear all of their requests; they must not pile up.
        }

        if (_isPatient && _transport == transport && transport.Responses is { } responses)
        {
            Take(responses);
        }

        if (_transport == transport)
        {
            _isInGenerals = true;
            Take(transport.Generals);
            _isInGenerals = false;
        }
    });

    /// <summary>
    /// To a slave whose master sends Follow_Ups a Sync says nothing before its Follow_Up is there, which comes right behind it: to wait for that is one waking less for each. What else comes to that
    /// socket is not for a slave. An answer to a Delay_Req is joined with a Sync, and so waits for the next one, too. Where no Follow_Up comes any more, the next due time finds the Sync, and that was the last one that waited.
    /// </summary>
    private void WaitForFollowUps()
    {
        bool isPatient = _isByFollowUp && Port.State == PortState.Slave && Port.Mechanism == DelayMechanism.E2E;
        if (_transport is { } transport && transport.Events != transport.Generals && isPatient != _isPatient)
        {
            _isPatient = isPatient;
            _loop.Heed(transport.Events.Descriptor, input: !isPatient);
            if (transport.Responses is { } responses)
            {
                _loop.Heed(responses.Descriptor, input: !isPatient);
            }
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
                TakeStamps(transport);
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
        while (_transport == transport && transport.Events.TryReceiveTransmitStamp(out uint id, out var stamp)) // what is done with one may close it
        {
            if (!_awaited.TryTake(id, out var ticket))
            {
                continue;
            }

            if (_line.Map(stamp) is { } at)
            {
                Port.Sent(ticket, at, Clocks.Boot());
            }
            else
            {
                Port.StampLost(ticket);
            }
        }
    }

    /// <returns>How many there were.</returns>
    private int Take(StampedSocket socket)
    {
        // Not without end: who floods us must not keep the timers from running.
        int count = 0;
        for (; count < Batch && _transport is { } transport && (transport.Events == socket || transport.Generals == socket || transport.Responses == socket); count++) // handling one may close it
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
