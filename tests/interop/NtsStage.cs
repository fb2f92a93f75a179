namespace TimeSuite.Interop.Tests;

/// <summary>Certificates, servers and sources for NTS.</summary>
internal static class NtsStage
{
    public static async Task<Suite> ServeAsync(Stage stage, int port, string chain, string key, string crypto, string more = "", string serve = "", string[]? enter = null, string name = "server")
    {
        var suite = await Suite.ServeAsync(stage, name, "250ms", port, $"""
            {serve}

            [nts]
            crypto = "{crypto}"

            [nts-server]
            listen = ["127.0.0.1:{port}"]
            ntp-port = {port}
            {more}

            [[nts-server.certificate]]
            chain = "{chain}"
            key = "{key}"
            """);
        suite.StartKeyService(enter);
        await Task.Delay(TimeSpan.FromSeconds(3)); // ntpd looks for it again within this time
        return suite;
    }

    public static string Source(int exchange, string options = "") => $"""
        [[source]]
        server = "127.0.0.1"
        nts = true
        nts-port = {exchange}
        min-poll = -2
        max-poll = 0
        {options}

        """;

    public static (string Chain, string Key) Certificate(Stage stage)
    {
        string folder = stage.Folder("certificate");
        using var make = System.Diagnostics.Process.Start(Installation.Suite("ntskeyd"), ["make-certificate", folder, "127.0.0.1", "localhost"]);
        make.WaitForExit();
        stage.Require(make.ExitCode == 0, "no certificate was made");
        return (Path.Combine(folder, "chain.pem"), Path.Combine(folder, "key.pem"));
    }
}
