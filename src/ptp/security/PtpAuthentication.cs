using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TimeSuite.Ptp;

/// <summary>What a seal was found to be.</summary>
internal enum Seal
{
    /// <summary>There is none.</summary>
    None,
    Right,

    /// <summary>Of another association, of an unknown key, of a form that is not ours, not the last TLV, or not this message's.</summary>
    Wrong,
}

/// <summary>A security association: the AUTHENTICATION TLV of IEEE 1588-2019 clause 16.14 with immediate processing. Each message is sealed as a whole, up to the seal.</summary>
/// <param name="Spp">The security parameter pointer that both ends know it by.</param>
/// <param name="Keys">All that are accepted.</param>
/// <param name="SendWith">The one that seals what is sent.</param>
/// <param name="IsRequired">What is not sealed is dropped; else it is taken, and only a wrong seal is a reason to drop.</param>
/// <param name="CorrectionIsOpen">The correction field is left out of the seal, so that transparent clocks without a key may add to it; so may anybody.</param>
public sealed record PtpAuthentication(byte Spp, IReadOnlyList<PtpKey> Keys, PtpKey SendWith, bool IsRequired, bool CorrectionIsOpen)
{
    /// <summary>Octets of the longest seal.</summary>
    internal const int Longest = Tlvs.Head + Fixed + PtpKey.LongestIcv;

    private const int Fixed = 6; // SPP, secParamIndicator, keyID
    private const int LengthAt = 2, CorrectionAt = 8; // of the header
    private const byte NothingOptional = 0; // no disclosed key, no sequence number, no reserved field

    /// <summary>Seals a message in place.</summary>
    /// <param name="buffer">The message, and room for <see cref="Longest"/> behind it.</param>
    /// <param name="length">Octets of the message.</param>
    /// <returns>Octets of the sealed message.</returns>
    internal int Write(Span<byte> buffer, int length)
    {
        int covered = length + Tlvs.Head + Fixed;
        var value = Tlvs.Begin(buffer[length..], TlvType.Authentication, Fixed + SendWith.IcvSize);
        value[0] = Spp;
        value[1] = NothingOptional;
        BinaryPrimitives.WriteUInt32BigEndian(value[2..], SendWith.Id);
        int sealedLength = covered + SendWith.IcvSize;
        BinaryPrimitives.WriteUInt16BigEndian(buffer[LengthAt..], (ushort)sealedLength);
        Compute(SendWith, buffer[..covered], value[Fixed..]);
        return sealedLength;
    }

    /// <summary>Judges a message whose form is right. Takes the same time wherever the seal is wrong.</summary>
    internal Seal Judge(in PtpHeader header, ReadOnlySpan<byte> message)
    {
        var walk = Tlvs.Of(message, header);
        while (walk.MoveNext())
        {
            if (walk.Current.Type != TlvType.Authentication)
            {
                continue;
            }

            var value = walk.Current.Value;
            if (!walk.Rest.IsEmpty || value.Length < Fixed || value[0] != Spp || value[1] != NothingOptional
                || Find(BinaryPrimitives.ReadUInt32BigEndian(value[2..])) is not { } key || value.Length != Fixed + key.IcvSize)
            {
                return Seal.Wrong;
            }

            Span<byte> icv = stackalloc byte[PtpKey.LongestIcv];
            icv = icv[..key.IcvSize];
            Compute(key, message[..(header.Length - key.IcvSize)], icv);
            return CryptographicOperations.FixedTimeEquals(icv, value[Fixed..]) ? Seal.Right : Seal.Wrong;
        }

        return Seal.None;
    }

    private PtpKey? Find(uint id)
    {
        foreach (var key in Keys)
        {
            if (key.Id == id)
            {
                return key;
            }
        }

        return null;
    }

    private void Compute(PtpKey key, ReadOnlySpan<byte> covered, Span<byte> icv)
    {
        if (!CorrectionIsOpen)
        {
            key.Compute(covered, icv);
            return;
        }

        Span<byte> copy = stackalloc byte[covered.Length]; // of at most a datagram
        covered.CopyTo(copy);
        copy.Slice(CorrectionAt, TimeInterval.Size).Clear();
        key.Compute(copy, icv);
    }
}
