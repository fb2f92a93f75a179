namespace TimeSuite.Nts.Tests;

public sealed class NtsAeadTests
{
    [Theory]
    [InlineData(15, 32, 16)]
    [InlineData(16, 48, 16)]
    [InlineData(17, 64, 16)]
    [InlineData(30, 16, 12)]
    [InlineData(31, 0, 16)]
    public void Sizes_are_those_of_the_registry(int aead, int key, int nonce)
    {
        Assert.Equal(key, ((NtsAead)aead).KeySize());
        Assert.Equal(key != 0, ((NtsAead)aead).IsKnown());
        Assert.Equal(nonce, ((NtsAead)aead).NonceSize());
    }
}
