using System.Runtime.CompilerServices;

namespace TimeSuite.Linux.Tests;

/// <summary>Sizes that a C compiler gives on 64-bit Linux: a field in the wrong place would be the kernel's to misread.</summary>
public sealed class StructureSizesTests
{
    [Fact]
    public void Structures_are_as_large_as_the_kernel_has_them()
    {
        Assert.Equal(16, Unsafe.SizeOf<TimeSpec>()); // struct timespec
        Assert.Equal(16, Unsafe.SizeOf<IoVector>()); // struct iovec
        Assert.Equal(56, Unsafe.SizeOf<MessageHeader>()); // struct msghdr
    }

    [Theory]
    [InlineData(12, 32)] // in_pktinfo
    [InlineData(20, 40)] // in6_pktinfo
    [InlineData(48, 64)] // scm_timestamping
    public void Control_messages_take_the_space_that_CMSG_SPACE_gives(int content, int space) =>
        Assert.Equal(space, ControlMessages.SpaceFor(content));

    [Fact]
    public void What_is_written_as_a_control_message_is_read_as_one()
    {
        Span<byte> buffer = stackalloc byte[96];
        ControlMessages.Write(buffer, level: 41, type: 50, content: 20)[19] = 7;
        ControlMessages.Write(buffer[40..], level: 0, type: 8, content: 12)[0] = 9;
        var messages = new ControlMessages(buffer[..72]);

        Assert.True(messages.MoveNext());
        Assert.True(messages.Is(41, 50, 20) && !messages.Is(41, 50, 21));
        Assert.Equal(7, messages.Content[19]);
        Assert.True(messages.MoveNext());
        Assert.True(messages.Is(0, 8, 12));
        Assert.Equal(9, messages.Content[0]);
        Assert.False(messages.MoveNext());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(33)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void A_control_message_with_a_senseless_length_ends_the_walk(long length)
    {
        byte[] buffer = new byte[32];
        BitConverter.TryWriteBytes(buffer, length);
        var messages = new ControlMessages(buffer);

        Assert.False(messages.MoveNext());
    }
}
