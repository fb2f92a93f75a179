namespace TimeSuite.Ntp;

/// <summary>Whether a request is within its client's limit.</summary>
internal enum Pace
{
    Within,

    /// <summary>Beyond, but answered all the same.</summary>
    Leaked,

    /// <summary>Beyond, and to be told so.</summary>
    Kissed,

    Beyond,
}

/// <summary>The clients that asked lately, with their rate: the limiter's state and the log of clients are one table.</summary>
/// <remarks>
/// Any stranger may fill it, so its size is fixed: each client has four places by a hash that nobody outside can tell, and the one seen
/// longest ago gives way. A client that was displaced begins anew, with a full bucket. 48 octets an entry. One for each thread.
/// </remarks>
public sealed class ClientTable
{
    /// <summary>log2 of the numbers of clients that there can be.</summary>
    public const int SmallestExponent = 2, LargestExponent = 24;

    private const int Ways = 1 << SmallestExponent;
    private const double Smoothing = 0.25; // weight of the latest interval in the average

    private readonly Entry[] _entries;
    private readonly int _shift;
    private readonly ulong _seedHigh, _seedLow;
    private ulong _dice;

    /// <param name="exponent">log2 of the number of clients, 2 to 24.</param>
    /// <param name="seed">Unpredictable.</param>
    public ClientTable(int exponent, UInt128 seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(exponent, SmallestExponent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(exponent, LargestExponent);
        _entries = new Entry[1 << exponent];
        _shift = 64 - (exponent - 2);
        (_seedHigh, _seedLow) = ((ulong)(seed >> 64), (ulong)(seed & ulong.MaxValue));
        _dice = unchecked(_seedHigh * 0xD129_0B12_2EAD_7A9D + _seedLow) | 1;
    }

    /// <summary>Clients that can be remembered.</summary>
    public int Capacity => _entries.Length;

    /// <summary>Clients that gave way to another.</summary>
    public ulong Displaced { get; private set; }

    /// <summary>All that is remembered, in no order. From any thread: a record that changes hands just now is left out, a counter may be a moment old.</summary>
    /// <param name="destination">Takes as many as it holds.</param>
    /// <returns>How many were written.</returns>
    public int CopyTo(Span<ClientRecord> destination)
    {
        int count = 0;
        for (int place = 0; place < _entries.Length && count < destination.Length; place++)
        {
            var record = _entries[place].ToRecord();
            if (record.Requests > 0 && SetOf(record.Network) == place / Ways) // half an address of one and half of another belongs elsewhere
            {
                destination[count++] = record;
            }
        }

        return count;
    }

    /// <summary>Forgets everybody.</summary>
    public void Clear() => Array.Clear(_entries);

    /// <summary>A client has asked.</summary>
    /// <param name="network">Of the client, masked.</param>
    /// <param name="now">Unit 2^-32 s, steady.</param>
    /// <param name="version">Of the request.</param>
    /// <param name="limit">Null: everything is within.</param>
    internal Pace Hit(in ClientAddress network, ulong now, int version, RateLimit? limit)
    {
        ref var entry = ref Find(network, now, limit?.Full ?? 0);
        entry.Count(now, version);
        if (limit is null || entry.TryPay(limit))
        {
            return Pace.Within;
        }

        if (limit.Leak > 0 && Chance(limit.Leak))
        {
            return Pace.Leaked;
        }

        entry.Limited++;
        return limit.Kod > 0 && Chance(limit.Kod) ? Pace.Kissed : Pace.Beyond;
    }

    /// <summary>The last request of this client had a right MAC.</summary>
    internal void MarkAuthenticated(in ClientAddress network)
    {
        foreach (ref var entry in Places(network))
        {
            if (entry.IsOf(network))
            {
                entry.Authenticated = true;
            }
        }
    }

    private ref Entry Find(in ClientAddress network, ulong now, ulong full)
    {
        var places = Places(network);
        ref var oldest = ref places[0];
        foreach (ref var entry in places)
        {
            if (entry.IsOf(network))
            {
                return ref entry;
            }

            if (entry.Age(now) > oldest.Age(now))
            {
                oldest = ref entry;
            }
        }

        Displaced += oldest.Requests > 0 ? 1u : 0u;
        oldest = new Entry(network, now, full);
        return ref oldest;
    }

    private Span<Entry> Places(in ClientAddress network) => _entries.AsSpan(SetOf(network) * Ways, Ways);

    /// <summary>Which four places are this client's.</summary>
    internal int SetOf(in ClientAddress network)
    {
        ulong product = Math.BigMul(network.High ^ _seedHigh, network.Low ^ _seedLow, out ulong low);
        ulong hash = unchecked((product ^ low) * 0x9E37_79B9_7F4A_7C15);
        return _shift == 64 ? 0 : (int)(hash >> _shift);
    }

    /// <summary>True once in 2^<paramref name="log2"/>. xorshift64: no cryptography, but its seed is nobody's.</summary>
    private bool Chance(int log2)
    {
        _dice ^= _dice << 13;
        _dice ^= _dice >> 7;
        _dice ^= _dice << 17;
        return _dice >> (64 - log2) == 0;
    }

    private struct Entry(ClientAddress network, ulong now, ulong full)
    {
        private readonly ulong _high = network.High, _low = network.Low;
        private ulong _seen = now; // 2^-32 s
        private ulong _credit = full; // 2^-32 s
        private float _interval; // s
        private byte _version;

        public bool Authenticated;
        public uint Requests;
        public uint Limited;

        public readonly bool IsOf(in ClientAddress network) => _low == network.Low && _high == network.High && Requests > 0;

        /// <summary>The empty are older than anybody.</summary>
        public readonly ulong Age(ulong now) => Requests == 0 ? ulong.MaxValue : unchecked(now - _seen);

        public void Count(ulong now, int version)
        {
            ulong passed = unchecked(now - _seen);
            _credit = _credit > ulong.MaxValue - passed ? ulong.MaxValue : _credit + passed;
            if (Requests > 0)
            {
                float seconds = (float)(passed / 4294967296.0);
                _interval = Requests == 1 ? seconds : _interval + ((seconds - _interval) * (float)Smoothing);
            }

            _seen = now;
            _version = (byte)version;
            Authenticated = false;
            Requests += Requests < uint.MaxValue ? 1u : 0u;
        }

        public bool TryPay(RateLimit limit)
        {
            _credit = Math.Min(_credit, limit.Full);
            if (_credit < limit.Cost)
            {
                return false;
            }

            _credit -= limit.Cost;
            return true;
        }

        public readonly ClientRecord ToRecord() => new(
            new(_high, _low), Requests, Limited, BatchTime.Raw(_seen), Duration.FromSeconds(_interval), _version, Authenticated);
    }
}
