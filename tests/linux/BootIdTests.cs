namespace TimeSuite.Linux.Tests;

public sealed class BootIdTests
{
    [Fact]
    public void The_service_managers_word_is_the_kernels()
    {
        var kernels = BootId.Read(null);

        Assert.Equal(kernels, BootId.Read(kernels.ToString("N"))); // as systemd writes it
        Assert.NotEqual(Guid.Empty, kernels);
    }

    [Theory]
    [InlineData("")]
    [InlineData("%b")]
    public void Where_it_says_nothing_that_makes_sense_the_kernel_is_asked(string told) => Assert.Equal(BootId.Read(null), BootId.Read(told));
}
