using TimeSuite.Ptp;

namespace TimeSuite.Ptpd;

/// <summary>The event messages of a port that have left and whose transmit stamps are still to come, by the kernel's numbers.</summary>
internal sealed class AwaitedStamps
{
    private const int Most = 256;

    /// <summary>A stamp that is later than this is of no use any more.</summary>
    public static readonly Duration Patience = Duration.FromSeconds(1L);

    private readonly (bool Waits, uint Id, TransmitTicket Ticket, Instant<Boot> Since)[] _pending = new (bool, uint, TransmitTicket, Instant<Boot>)[Most];
    private int _count;

    public bool Any => _count > 0;

    /// <summary>Stamps that did not come since the last one that did.</summary>
    public int LostInARow { get; private set; }

    /// <summary>A message has left. One that has waited since <see cref="Most"/> messages ago is forgotten.</summary>
    public void Add(uint id, TransmitTicket ticket, Instant<Boot> now)
    {
        ref var slot = ref _pending[id % Most];
        _count += slot.Waits ? 0 : 1;
        slot = (true, id, ticket, now);
    }

    /// <summary>A stamp has come.</summary>
    /// <returns>False if nobody waits for it.</returns>
    public bool TryTake(uint id, out TransmitTicket ticket)
    {
        ref var slot = ref _pending[id % Most];
        bool waits = slot.Waits && slot.Id == id;
        ticket = waits ? slot.Ticket : default;
        if (waits)
        {
            slot.Waits = false;
            _count--;
            LostInARow = 0;
        }

        return waits;
    }

    /// <summary>Gives up those that have waited for too long.</summary>
    public void GiveUp(Instant<Boot> now, Action<TransmitTicket> lost)
    {
        for (int i = 0; i < Most && _count > 0; i++)
        {
            if (_pending[i].Waits && now - _pending[i].Since > Patience)
            {
                _pending[i].Waits = false;
                _count--;
                LostInARow++;
                lost(_pending[i].Ticket);
            }
        }
    }

    /// <summary>The sockets were closed.</summary>
    public void Clear()
    {
        Array.Clear(_pending);
        (_count, LostInARow) = (0, 0);
    }
}
