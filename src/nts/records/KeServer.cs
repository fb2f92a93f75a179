namespace TimeSuite.Nts;

/// <summary>What a server tells those who exchange keys with it.</summary>
public sealed record KeOffer
{
    /// <summary>Cookies that a client starts with (RFC 8915 section 4.1.6).</summary>
    public const int Cookies = 8;

    /// <summary>Which AEADs we take, any order: the client's preference decides.</summary>
    public IReadOnlyList<NtsAead> Aeads { get; init; } = [NtsAead.Aes128GcmSiv, NtsAead.AesSivCmac256, NtsAead.AesSivCmac384, NtsAead.AesSivCmac512];

    /// <summary>Where time is to be asked for, if not where the keys were; ASCII name or address.</summary>
    public string? NtpServer { get; init; }

    /// <summary>At which port; null: 123.</summary>
    public ushort? NtpPort { get; init; }
}

/// <summary>How an exchange came out, for the counters.</summary>
public enum KeOutcome
{
    /// <summary>Keys and cookies were given.</summary>
    Served,

    /// <summary>The client speaks no protocol that we do.</summary>
    NoProtocol,

    /// <summary>The client has no AEAD that we have.</summary>
    NoAead,

    /// <summary>It was told that its request is none.</summary>
    BadRequest,

    /// <summary>It was told of a critical record that we do not know.</summary>
    UnknownRecord,

    /// <summary>We have no cookie to give just now.</summary>
    NoCookies,
}

/// <summary>The server's side of the key exchange (RFC 8915 section 4): a whole request in, the whole reply out.</summary>
public static class KeServer
{
    private const ushort Ntpv4 = 0;

    /// <summary>Answers a request.</summary>
    /// <param name="request">A complete message (<see cref="KeMessage.Measure"/>).</param>
    /// <param name="offer">Ours.</param>
    /// <param name="export">Of the TLS connection.</param>
    /// <param name="makeCookie">A new cookie for these keys; null if there is no key to seal it with.</param>
    /// <param name="reply">To be sent; then the connection is closed.</param>
    public static KeOutcome Answer(ReadOnlySpan<byte> request, KeOffer offer, KeExporter export, Func<NtsKeys, byte[]?> makeCookie, out byte[] reply)
    {
        var writer = new KeWriter();
        var outcome = Read(request, offer, out var chosen, out bool compliant);
        switch (outcome)
        {
            case KeOutcome.Served:
                outcome = Serve(chosen, compliant, offer, export, makeCookie, ref writer);
                break;
            case KeOutcome.NoProtocol:
                writer.Add(KeRecordType.NextProtocol, critical: true, ReadOnlySpan<ushort>.Empty);
                break;
            case KeOutcome.NoAead:
                writer.Add(KeRecordType.NextProtocol, critical: true, Ntpv4);
                writer.Add(KeRecordType.Aead, critical: true, ReadOnlySpan<ushort>.Empty);
                break;
            default:
                var error = outcome == KeOutcome.UnknownRecord ? KeError.UnrecognizedCriticalRecord : KeError.BadRequest;
                writer.Add(KeRecordType.Error, critical: true, (ushort)error);
                break;
        }

        reply = writer.Finish();
        return outcome;
    }

    private static KeOutcome Serve(NtsAead aead, bool compliant, KeOffer offer, KeExporter export, Func<NtsKeys, byte[]?> makeCookie, ref KeWriter writer)
    {
        // Clients that exchange no record 1024 export the keys of AEAD 30 as if they were for 15: chrony 4.4 to 4.6, and every later one that finds no answer to its 1024.
        bool early = aead == NtsAead.Aes128GcmSiv && !compliant;
        using var keys = NtsKeys.Export(aead, early ? NtsAead.AesSivCmac256 : aead, export);
        writer.Add(KeRecordType.NextProtocol, critical: true, Ntpv4);
        writer.Add(KeRecordType.Aead, critical: true, (ushort)aead);
        if (aead == NtsAead.Aes128GcmSiv && compliant)
        {
            writer.Add(KeRecordType.CompliantGcmSiv, critical: false, ReadOnlySpan<byte>.Empty);
        }

        if (offer.NtpServer is { } server)
        {
            writer.Add(KeRecordType.Server, critical: true, server);
        }

        if (offer.NtpPort is { } port)
        {
            writer.Add(KeRecordType.Port, critical: true, port);
        }

        for (int cookie = 0; cookie < KeOffer.Cookies; cookie++)
        {
            if (makeCookie(keys) is not { } made)
            {
                writer = new();
                writer.Add(KeRecordType.Error, critical: true, (ushort)KeError.InternalServerError);
                return KeOutcome.NoCookies;
            }

            writer.Add(KeRecordType.NewCookie, critical: false, made);
        }

        return KeOutcome.Served;
    }

    private static KeOutcome Read(ReadOnlySpan<byte> request, KeOffer offer, out NtsAead chosen, out bool compliant)
    {
        (chosen, compliant) = (default, false);
        int protocols = 0, aeads = 0;
        bool speaksNtp = false;
        foreach (var record in new KeRecords(request))
        {
            switch (record.Type)
            {
                case KeRecordType.EndOfMessage:
                    return record.Body.Length != 0 || !record.IsCritical || protocols != 1 ? KeOutcome.BadRequest
                        : !speaksNtp ? KeOutcome.NoProtocol
                        : aeads != 1 ? KeOutcome.BadRequest
                        : chosen == default ? KeOutcome.NoAead : KeOutcome.Served;
                case KeRecordType.NextProtocol when record.IsListOfNumbers && record.Body.Length > 0:
                    protocols++;
                    speaksNtp |= First(record.Body, number => number == Ntpv4) is not null;
                    break;
                case KeRecordType.Aead when record.IsListOfNumbers && record.Body.Length > 0:
                    aeads++;
                    chosen = (NtsAead)(First(record.Body, number => offer.Aeads.Contains((NtsAead)number)) ?? 0);
                    break;
                case KeRecordType.CompliantGcmSiv:
                    compliant = true;
                    break;
                case KeRecordType.Server or KeRecordType.Port or KeRecordType.ServerDeny:
                    break; // wishes, which we may leave unheard
                case KeRecordType.NextProtocol or KeRecordType.Aead or KeRecordType.Error or KeRecordType.Warning or KeRecordType.NewCookie:
                    return KeOutcome.BadRequest; // malformed, or not for a client to say
                case var _ when record.IsCritical:
                    return KeOutcome.UnknownRecord;
            }
        }

        return KeOutcome.BadRequest; // without an end it is no message
    }

    private static ushort? First(ReadOnlySpan<byte> numbers, Predicate<ushort> wanted)
    {
        for (; numbers.Length > 0; numbers = numbers[2..])
        {
            ushort number = System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(numbers);
            if (wanted(number))
            {
                return number;
            }
        }

        return null;
    }
}
