using System.Buffers.Binary;
using CsCheck;

namespace TimeSuite.Ntp.Tests;

public sealed class ExtensionFieldsTests
{
    [Fact]
    public void Two_fields_and_a_MAC_are_told_apart()
    {
        byte[] rest = [.. Field(0x0104, 16), .. Field(0x0204, 32), .. new byte[20]];
        var fields = new ExtensionFields(rest);

        Assert.True(fields.MoveNext());
        Assert.Equal((0x0104, 12), (fields.Current.Type, fields.Current.Value.Length));
        Assert.True(fields.MoveNext());
        Assert.Equal((0x0204, 28), (fields.Current.Type, fields.Current.Value.Length));
        Assert.False(fields.MoveNext());
        Assert.Equal(20, fields.Rest.Length);
        Assert.True(fields.RestMayBeMac);
    }

    [Theory]
    [InlineData(28)] // the shortest that may be last without a MAC
    [InlineData(32)]
    [InlineData(1024)]
    public void A_last_field_without_a_MAC_ends_the_walk_cleanly(int length)
    {
        var fields = new ExtensionFields(Field(0xF323, length));

        Assert.True(fields.MoveNext());
        Assert.False(fields.MoveNext());
        Assert.True(fields.Rest.IsEmpty);
    }

    [Theory]
    [InlineData(4, true)] // a key id alone: crypto-NAK
    [InlineData(20, true)] // MD5
    [InlineData(24, true)] // SHA-1
    [InlineData(16, false)] // would be a field if 28 or a MAC followed
    [InlineData(1, false)]
    public void What_is_24_octets_or_less_is_no_field(int length, bool mayBeMac)
    {
        // Even when the octets would read as one.
        var fields = new ExtensionFields(length >= 4 ? Field(0x0104, length) : new byte[length]);

        Assert.False(fields.MoveNext());
        Assert.Equal(length, fields.Rest.Length);
        Assert.Equal(mayBeMac, fields.RestMayBeMac);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(12)] // aligned, but shorter than 16
    [InlineData(17)] // not a multiple of 4
    [InlineData(44)] // past the end
    [InlineData(65535)]
    public void A_hostile_length_stops_the_walk_with_all_of_it_left(int length)
    {
        var rest = new byte[40];
        BinaryPrimitives.WriteUInt16BigEndian(rest.AsSpan(2), (ushort)length);
        var fields = new ExtensionFields(rest);

        Assert.False(fields.MoveNext());
        Assert.Equal(40, fields.Rest.Length);
    }

    /// <summary>Octets that lean towards plausible lengths, so that the walk gets far before it is cheated.</summary>
    [Fact]
    public void Whatever_the_octets_the_walk_ends_and_loses_none()
    {
        var plausible = Gen.OneOf(Gen.Int[0, 40], Gen.Int[0, 0xFFFF]);
        var field = Gen.Select(plausible, Gen.Byte.Array[0, 64], (length, value) => (byte[])[1, 4, (byte)(length >> 8), (byte)(length & 0xFF), .. value]);
        var datagram = Gen.OneOf(Gen.Byte.Array[0, 2000], field.Array[0, 20].Select(parts => parts.SelectMany(part => part).ToArray()));
        datagram.Sample(octets =>
        {
            var fields = new ExtensionFields(octets);
            int walked = 0;
            while (fields.MoveNext())
            {
                Assert.True(fields.Current.Value.Length >= 12);
                walked += 4 + fields.Current.Value.Length;
            }

            Assert.Equal(octets.Length, walked + fields.Rest.Length);
            Assert.True(fields.Rest.SequenceEqual(octets.AsSpan(walked)));
        });
    }

    private static byte[] Field(int type, int length)
    {
        var field = new byte[length];
        BinaryPrimitives.WriteUInt16BigEndian(field, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(field.AsSpan(2), (ushort)length);
        return field;
    }
}
