using System.Globalization;

namespace TimeSuite.Interop.Tests;

/// <summary>What chronyd knows of a server: a line of <c>chronyc -c ntpdata</c>.</summary>
/// <param name="Version">Of the last reply.</param>
/// <param name="Stratum">Of the last reply.</param>
/// <param name="Offset">chrony's clock minus the server's, s: positive if the server is behind.</param>
/// <param name="Tests">RFC 5905's packet tests and chrony's own, one digit each, without the gaps.</param>
/// <param name="Interleaved">Whether the last reply was.</param>
/// <param name="Received">Replies.</param>
/// <param name="Good">Replies that passed all tests.</param>
internal sealed record NtpData(int Version, int Stratum, double Offset, string Tests, bool Interleaved, int Received, int Good)
{
    private const int Fields = 34;

    /// <returns>Null if that is no such line.</returns>
    public static NtpData? From(string[]? line) => line is { Length: Fields }
        ? new(
            Int(line[6]), Int(line[8]), double.Parse(line[18], CultureInfo.InvariantCulture), line[23] + line[24] + line[25],
            line[26] == "Yes", Int(line[31]), Int(line[33]))
        : null;

    private static int Int(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
