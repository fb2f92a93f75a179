using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TimeSuite.Nts;

/// <summary>What a client wants, read from its message.</summary>
internal ref struct KeRequest
{
    private const ushort Ntpv4 = 0;

    /// <summary>The client's first one that we have; default: none.</summary>
    public NtsAead Aead { get; private set; }

    /// <summary>Whether keys of AEAD 30 are to be exported as the standard says.</summary>
    public bool IsCompliant { get; private set; }

    /// <summary>Both keys, of the length that <see cref="Aead"/> has; empty: those of the connection.</summary>
    public ReadOnlySpan<byte> FixedKeys { get; private set; }

    public bool AsksProtocols { get; private set; }

    public bool AsksAeads { get; private set; }

    public bool AsksToStay { get; private set; }

    private int _protocolLists, _protocols, _aeadLists, _aeads, _tellings;
    private bool _speaksNtp, _isPool, _wantsFixed;

    private readonly bool AsksWhatWeSupport => AsksProtocols || AsksAeads;

    /// <summary>Reads a message.</summary>
    /// <returns><see cref="KeOutcome.Served"/>, <see cref="KeOutcome.ServedPool"/> and <see cref="KeOutcome.Told"/> if that is to be done.</returns>
    public static KeOutcome Read(ReadOnlySpan<byte> message, KeOffer offer, out KeRequest request)
    {
        request = default;
        foreach (var record in new KeRecords(message))
        {
            switch (record.Type)
            {
                case KeRecordType.EndOfMessage:
                    return record.Body.Length != 0 || !record.IsCritical ? KeOutcome.BadRequest : request.Judge();
                case KeRecordType.NextProtocol when record.IsListOfNumbers && record.Body.Length > 0:
                    request._protocolLists++;
                    request._protocols += record.Body.Length / 2;
                    request._speaksNtp |= First(record.Body, number => number == Ntpv4) is not null;
                    break;
                case KeRecordType.Aead when record.IsListOfNumbers && record.Body.Length > 0:
                    request._aeadLists++;
                    request._aeads += record.Body.Length / 2;
                    request.Aead = (NtsAead)(First(record.Body, number => offer.Aeads.Contains((NtsAead)number)) ?? 0);
                    break;
                case KeRecordType.CompliantGcmSiv:
                    request.IsCompliant = true;
                    break;
                case KeRecordType.KeepAlive:
                    request.AsksToStay = true;
                    break;
                case KeRecordType.PoolToken:
                    request._isPool |= IsAccepted(record.Body, offer.PoolTokens);
                    break;
                case KeRecordType.SupportedProtocols:
                    request.AsksProtocols = true;
                    request._tellings++;
                    break;
                case KeRecordType.SupportedAeads:
                    request.AsksAeads = true;
                    request._tellings++;
                    break;
                case KeRecordType.FixedKeys when !request._wantsFixed:
                    request._wantsFixed = true;
                    request.FixedKeys = record.Body;
                    break;
                case KeRecordType.Server or KeRecordType.Port or KeRecordType.ServerDeny:
                    break; // wishes, which we may leave unheard
                case KeRecordType.NextProtocol or KeRecordType.Aead or KeRecordType.Error or KeRecordType.Warning or KeRecordType.NewCookie or KeRecordType.FixedKeys:
                    return KeOutcome.BadRequest; // malformed, twice, or not for a client to say
                case var _ when record.IsCritical:
                    return KeOutcome.UnknownRecord;
            }
        }

        return KeOutcome.BadRequest; // without an end it is no message
    }

    private readonly KeOutcome Judge()
    {
        if ((_wantsFixed || AsksWhatWeSupport) && !_isPool)
        {
            return KeOutcome.UnknownRecord; // to strangers we know none of that
        }

        if (AsksWhatWeSupport)
        {
            bool isAlone = _protocolLists == 0 && _aeadLists == 0 && !_wantsFixed && _tellings == (AsksProtocols ? 1 : 0) + (AsksAeads ? 1 : 0);
            return isAlone ? KeOutcome.Told : KeOutcome.BadRequest;
        }

        if (_protocolLists != 1)
        {
            return KeOutcome.BadRequest;
        }

        if (!_speaksNtp)
        {
            return KeOutcome.NoProtocol;
        }

        if (_aeadLists != 1 || (_wantsFixed && (_protocols != 1 || _aeads != 1)))
        {
            return KeOutcome.BadRequest;
        }

        return Aead == default ? KeOutcome.NoAead
            : !_wantsFixed ? KeOutcome.Served
            : FixedKeys.Length == 2 * Aead.KeySize() ? KeOutcome.ServedPool : KeOutcome.BadRequest;
    }

    /// <summary>Looks at all of them, so that how long it takes tells nothing.</summary>
    private static bool IsAccepted(ReadOnlySpan<byte> shown, IReadOnlyList<byte[]> tokens)
    {
        bool isOne = false;
        foreach (byte[] token in tokens)
        {
            isOne |= CryptographicOperations.FixedTimeEquals(shown, token);
        }

        return isOne;
    }

    private static ushort? First(ReadOnlySpan<byte> numbers, Predicate<ushort> wanted)
    {
        for (; numbers.Length > 0; numbers = numbers[2..])
        {
            ushort number = BinaryPrimitives.ReadUInt16BigEndian(numbers);
            if (wanted(number))
            {
                return number;
            }
        }

        return null;
    }
}
