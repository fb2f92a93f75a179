using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;

namespace TimeSuite.Nts.Tls;

/// <summary>How far a connection is.</summary>
public enum KeTlsState
{
    /// <summary>Nothing may be written yet, and there is nothing to be read.</summary>
    Handshaking,

    /// <summary>The handshake is over and was good.</summary>
    Open,

    /// <summary>The peer has said that it is done, or we have. What was received before can still be read.</summary>
    Finished,

    /// <summary><see cref="KeTls.Failure"/> says why. What is still to be taken (an alert) may be sent.</summary>
    Failed,
}

/// <summary>Whose fault it was, for who has to decide whether trying again makes sense.</summary>
public enum KeTlsFault
{
    None,

    /// <summary>What came was no TLS 1.3 as it should be.</summary>
    Malformed,

    /// <summary>The peer sent an alert.</summary>
    Refused,

    /// <summary>The peer offered or chose no ntske/1.</summary>
    NoNtsKe,

    /// <summary>The owner did not trust the peer's certificate.</summary>
    Untrusted,

    /// <summary>The peer hung up in the middle.</summary>
    Cut,
}

/// <summary>One end of a TLS 1.3 connection for the key exchange (RFC 8915 section 3), octets in and octets out. For one thread at a time.</summary>
/// <remarks>Whatever a peer sends, nothing is thrown: the state becomes <see cref="KeTlsState.Failed"/>.</remarks>
public abstract class KeTls : IDisposable
{
    private const int Chunk = 4_096; // octets

    private readonly byte[] _chunk = new byte[Chunk];
    private TlsProtocol _protocol = null!;
    private TlsSecret? _exporter;
    private TlsCrypto? _crypto;
    private int _hash;
    private bool _isEstablished;
    private bool _ended;

    private protected KeTls()
    {
    }

    public KeTlsState State => Fault != KeTlsFault.None ? KeTlsState.Failed
        : _ended || _protocol.IsClosed ? KeTlsState.Finished
        : _isEstablished ? KeTlsState.Open : KeTlsState.Handshaking;

    public KeTlsFault Fault { get; private set; }

    /// <summary>Why it failed, as the end of a sentence; empty if it did not.</summary>
    public string Failure { get; private set; } = "";

    /// <summary>Octets that came from the peer. What comes after the end is passed over.</summary>
    public void Offer(ReadOnlySpan<byte> received)
    {
        while (!received.IsEmpty && State is KeTlsState.Handshaking or KeTlsState.Open)
        {
            int length = Math.Min(received.Length, Chunk);
            received[..length].CopyTo(_chunk);
            received = received[length..];
            Try(() => _protocol.OfferInput(_chunk, 0, length));
        }
    }

    /// <summary>The peer's octets have come to an end.</summary>
    public void OfferEnd()
    {
        if (State is KeTlsState.Handshaking)
        {
            Fail(KeTlsFault.Cut, "the connection was cut in the middle of the handshake");
        }

        _ended = true;
    }

    /// <summary>Takes octets for the peer, as many as there are and fit. Returns how many.</summary>
    public int Take(Span<byte> toSend)
    {
        int taken = 0;
        while (taken < toSend.Length)
        {
            int count = Math.Min(Math.Min(_protocol.GetAvailableOutputBytes(), toSend.Length - taken), Chunk);
            if (count == 0)
            {
                break;
            }

            count = _protocol.ReadOutput(_chunk, 0, count);
            _chunk.AsSpan(0, count).CopyTo(toSend[taken..]);
            taken += count;
        }

        return taken;
    }

    /// <summary>Reads what the peer said. Returns how many octets; 0: nothing more for now.</summary>
    public int Read(Span<byte> said)
    {
        int count = _isEstablished ? Math.Min(Math.Min(_protocol.GetAvailableInputBytes(), said.Length), Chunk) : 0;
        if (count == 0)
        {
            return 0;
        }

        count = _protocol.ReadInput(_chunk, 0, count);
        _chunk.AsSpan(0, count).CopyTo(said);
        _chunk.AsSpan(0, count).Clear(); // cookies and the like
        return count;
    }

    /// <summary>Says something to the peer. False if the connection is not open.</summary>
    public bool Write(ReadOnlySpan<byte> toSay)
    {
        if (State != KeTlsState.Open)
        {
            return false;
        }

        byte[] copy = toSay.ToArray();
        Try(() => _protocol.WriteApplicationData(copy, 0, copy.Length));
        Array.Clear(copy);
        return Fault == KeTlsFault.None;
    }

    /// <summary>Says that we are done (close_notify); what was written before is still to be taken.</summary>
    public void Finish()
    {
        if (State is KeTlsState.Open)
        {
            Try(_protocol.Close);
            _ended = true;
        }
    }

    /// <summary>Keying material of this connection, with the label of RFC 8915 section 5.1: from the end of the handshake until <see cref="Dispose"/>.</summary>
    /// <param name="context">Five octets: protocol, AEAD, direction.</param>
    /// <param name="key">To be filled.</param>
    /// <exception cref="InvalidOperationException">There was no handshake, or it failed.</exception>
    public void Export(ReadOnlySpan<byte> context, Span<byte> key)
    {
        if (_exporter is not { } exporter || Fault != KeTlsFault.None)
        {
            throw new InvalidOperationException("keys are exported from a connection that is or was open");
        }

        var exported = TlsCryptoUtilities.HkdfExpandLabel(exporter, _hash, "exporter", HashOf(context), key.Length); // RFC 8446 section 7.5
        byte[] octets = exported.Extract();
        octets.CopyTo(key);
        Array.Clear(octets);
    }

    /// <summary>Ends the connection, also in the middle. Its secrets are wiped.</summary>
    public void Dispose()
    {
        if (!_protocol.IsClosed)
        {
            Try(_protocol.Close);
        }

        _exporter?.Destroy();
        _exporter = null;
        Array.Clear(_chunk);
        GC.SuppressFinalize(this);
    }

    private protected void Start<TProtocol>(TProtocol protocol, Action<TProtocol> begin) where TProtocol : TlsProtocol
    {
        _protocol = protocol;
        protocol.IsResumableHandshake = false;
        Try(() => begin(protocol));
    }

    /// <summary>The handshake is over. The engine shows its exporter's secret now and never again.</summary>
    private protected void Established(TlsContext context)
    {
        (_crypto, _hash, _isEstablished) = (context.Crypto, context.SecurityParameters.PrfCryptoHashAlgorithm, true);
        _exporter = TlsCryptoUtilities.HkdfExpandLabel(
            context.SecurityParameters.ExporterMasterSecret, _hash, KeSchemes.ExporterLabel, HashOf([]), TlsCryptoUtilities.GetHashOutputSize(_hash));
    }

    private byte[] HashOf(ReadOnlySpan<byte> octets)
    {
        var hash = _crypto!.CreateHash(_hash);
        hash.Update(octets);
        return hash.CalculateHash();
    }

    /// <summary>To be thrown out of the engine, which then tells the peer.</summary>
    private protected TlsFatalAlert Refuse(KeTlsFault fault, short alert, string why)
    {
        Fail(fault, why);
        return new(alert, why);
    }

    private void Fail(KeTlsFault fault, string why)
    {
        if (Fault == KeTlsFault.None)
        {
            (Fault, Failure) = (fault, why);
        }
    }

    private void Try(Action deed)
    {
        try
        {
            deed();
        }
        catch (TlsFatalAlertReceived alert)
        {
            Fail(FaultOf(alert.AlertDescription, KeTlsFault.Refused), $"the other side refused: {Name(alert.AlertDescription)}");
        }
        catch (TlsFatalAlert alert)
        {
            Fail(FaultOf(alert.AlertDescription, KeTlsFault.Malformed), $"what the other side sent is not right: {Name(alert.AlertDescription)}");
        }
#pragma warning disable CA1031 // A peer's octets end a connection, never more, wherever in the engine they led to.
        catch (Exception other)
#pragma warning restore CA1031
        {
            Fail(KeTlsFault.Malformed, $"what the other side sent is not right ({other.GetType().Name})");
        }
    }

    private static KeTlsFault FaultOf(short alert, KeTlsFault otherwise) => alert == AlertDescription.no_application_protocol ? KeTlsFault.NoNtsKe : otherwise;

    private static string Name(short alert) => AlertDescription.GetName(alert).Replace('_', ' ');
}
