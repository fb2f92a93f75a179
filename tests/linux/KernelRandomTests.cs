namespace TimeSuite.Linux.Tests;

public sealed class KernelRandomTests
{
    [Fact]
    public void Numbers_differ_and_use_every_bit()
    {
        ulong[] numbers = [.. Enumerable.Range(0, 1000).Select(_ => KernelRandom.Next())];

        Assert.Equal(numbers.Length, numbers.Distinct().Count());
        Assert.Equal(ulong.MaxValue, numbers.Aggregate(0UL, (all, number) => all | number));
        Assert.Equal(0UL, numbers.Aggregate(ulong.MaxValue, (all, number) => all & number));
        Assert.InRange(numbers.Average(number => (double)ulong.PopCount(number)), 31, 33);
    }
}
