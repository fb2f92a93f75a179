using TimeSuite.Config;
using TimeSuite.Linux;

namespace TimeSuite.Ptpd;

/// <summary>What to do where the kernel does not let a port have its sockets.</summary>
internal static class MissingRight
{
    private const int Eperm = 1, Eacces = 13;

    /// <summary>What follows the kernel's words; empty where no right is missing.</summary>
    /// <param name="error">Its number.</param>
    /// <param name="transport">What the sockets are for.</param>
    /// <param name="held">What this process may do.</param>
    public static string Remedy(int error, PtpConfig.PtpTransport transport, Capabilities held)
    {
        bool isEthernet = transport == PtpConfig.PtpTransport.Ethernet;
        return error is not (Eperm or Eacces) || held.Has(isEthernet ? Capabilities.NetRaw : Capabilities.NetBindService) ? ""
            : isEthernet ? "; PTP on Ethernet takes CAP_NET_RAW: start ptpd with it; under systemd: systemctl daemon-reload && systemctl restart timesuite-ptpd, so that the drop-in of 'timectl config sockets' gives it"
            : "; ports 319 and 320 take CAP_NET_BIND_SERVICE: start ptpd with it; under systemd: systemctl restart timesuite-ptpd, whose unit gives it";
    }
}
