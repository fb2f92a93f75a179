namespace TimeSuite.Ntp;

/// <summary>The three mode bits (RFC 5905 figure 10).</summary>
public enum NtpMode
{
    Reserved,
    SymmetricActive,
    SymmetricPassive,
    Client,
    Server,
    Broadcast,
    Control,
    Private,
}
