using System.Buffers.Binary;
using System.Text;

namespace TimeSuite.Nts;

/// <summary>Writes one field after the other, big endian.</summary>
internal ref struct KeptWriter(Span<byte> octets)
{
    private readonly Span<byte> _octets = octets;

    public int Length { get; private set; }

    public void Put(KeptSession session)
    {
        Text(session.Host);
        Text(session.Name);
        Number(session.Port, 2);
        Number(session.NtpPort, 2);
        Short(session.Address);
        Number((int)session.Aead, 2);
        Octets(session.ClientToServer);
        Octets(session.ServerToClient);
        Number(session.EstablishedAt.SinceEpoch.WholeSeconds, 8);
        Number(session.ValidFrom.SinceEpoch.WholeSeconds, 8);
        Number(session.ValidUntil.SinceEpoch.WholeSeconds, 8);
        Number(session.Cookies.Count, 1);
        foreach (byte[] cookie in session.Cookies)
        {
            Number(cookie.Length, 2);
            Octets(cookie);
        }
    }

    public void Number(long value, int size)
    {
        Span<byte> all = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(all, value);
        Octets(all[^size..]);
    }

    private void Text(string text) => Short(Encoding.UTF8.GetBytes(text));

    private void Short(scoped ReadOnlySpan<byte> octets)
    {
        Number(octets.Length, 1);
        Octets(octets);
    }

    private void Octets(scoped ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(_octets[Length..]);
        Length += octets.Length;
    }
}
