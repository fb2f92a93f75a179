using System.Globalization;

namespace TimeSuite.Nts.Tls;

/// <summary>Times of certificates, whole seconds.</summary>
public static class CertificateTime
{
    /// <summary>As X.509's libraries give them, of whatever kind.</summary>
    public static Instant<Utc> Of(DateTime time) => new(Duration.FromSeconds(new DateTimeOffset(time.ToUniversalTime()).ToUnixTimeSeconds()));

    /// <summary>For people.</summary>
    public static string Words(Instant<Utc> time) => DateTimeOffset.FromUnixTimeSeconds(time.SinceEpoch.WholeSeconds).ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
