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

    /// <summary>Pools that may ask for cookies on behalf of their users show one of these. Empty: none may.</summary>
    public IReadOnlyList<byte[]> PoolTokens { get; init; } = [];
}

/// <summary>How an exchange came out, for the counters.</summary>
public enum KeOutcome
{
    /// <summary>Keys and cookies were given.</summary>
    Served,

    /// <summary>A pool was given cookies for a user of its own.</summary>
    ServedPool,

    /// <summary>A pool was told what we support.</summary>
    Told,

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

/// <summary>What is to be sent to a client.</summary>
/// <param name="Outcome">What came of its request.</param>
/// <param name="Message">The whole reply.</param>
/// <param name="IsKept">The connection stays open for another request of the pool; else it is closed behind the message.</param>
public readonly record struct KeReply(KeOutcome Outcome, byte[] Message, bool IsKept);

/// <summary>The server's side of the key exchange (RFC 8915 section 4): a whole request in, the whole reply out.</summary>
public static class KeServer
{
    private const ushort Ntpv4 = 0;

    /// <summary>Answers a request.</summary>
    /// <param name="message">A complete one (<see cref="KeMessage.Measure"/>).</param>
    /// <param name="offer">Ours.</param>
    /// <param name="export">Of the TLS connection; null: it was kept open for a pool, and no keys may come out of it any more.</param>
    /// <param name="makeCookie">A new cookie for these keys; null if there is no key to seal it with.</param>
    public static KeReply Answer(ReadOnlySpan<byte> message, KeOffer offer, KeExporter? export, Func<NtsKeys, byte[]?> makeCookie)
    {
        var writer = new KeWriter();
        var outcome = KeRequest.Read(message, offer, out var request);
        if (outcome == KeOutcome.Served && export is null)
        {
            outcome = KeOutcome.BadRequest;
        }

        switch (outcome)
        {
            case KeOutcome.Served or KeOutcome.ServedPool:
                outcome = Serve(outcome, request, offer, export, makeCookie, ref writer);
                break;
            case KeOutcome.Told:
                Tell(request, offer, writer);
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

        bool isKept = request.AsksToStay && outcome is KeOutcome.ServedPool or KeOutcome.Told;
        if (isKept)
        {
            writer.Add(KeRecordType.KeepAlive, critical: false, ReadOnlySpan<byte>.Empty);
        }

        return new(outcome, writer.Finish(), isKept);
    }

    private static KeOutcome Serve(KeOutcome outcome, in KeRequest request, KeOffer offer, KeExporter? export, Func<NtsKeys, byte[]?> makeCookie, ref KeWriter writer)
    {
        using var keys = KeysOf(request, export);
        writer.Add(KeRecordType.NextProtocol, critical: true, Ntpv4);
        writer.Add(KeRecordType.Aead, critical: true, (ushort)request.Aead);
        if (request is { Aead: NtsAead.Aes128GcmSiv, IsCompliant: true })
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

        return outcome;
    }

    private static NtsKeys KeysOf(in KeRequest request, KeExporter? export)
    {
        var aead = request.Aead;
        if (!request.FixedKeys.IsEmpty)
        {
            return new(aead, request.FixedKeys[..aead.KeySize()], request.FixedKeys[aead.KeySize()..]);
        }

        // Clients that exchange no record 1024 export the keys of AEAD 30 as if they were for 15: chrony 4.4 to 4.6, and every later one that finds no answer to its 1024.
        bool early = aead == NtsAead.Aes128GcmSiv && !request.IsCompliant;
        return NtsKeys.Export(aead, early ? NtsAead.AesSivCmac256 : aead, export!);
    }

    private static void Tell(in KeRequest request, KeOffer offer, KeWriter writer)
    {
        if (request.AsksProtocols)
        {
            writer.Add(KeRecordType.SupportedProtocols, critical: true, Ntpv4);
        }

        if (request.AsksAeads)
        {
            writer.Add(KeRecordType.SupportedAeads, critical: true, [.. offer.Aeads.SelectMany(aead => new[] { (ushort)aead, (ushort)aead.KeySize() })]);
        }
    }
}
