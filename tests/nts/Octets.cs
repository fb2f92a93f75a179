namespace TimeSuite.Nts.Tests;

/// <summary>Octets for tests.</summary>
internal static class Octets
{
    /// <summary>Hexadecimal digits, with spaces where one likes.</summary>
    public static byte[] Of(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
