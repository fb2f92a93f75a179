using System.Globalization;
using System.Text.Json;

namespace TimeSuite.Interop.Tests;

/// <summary>What we send unasked, in a network of its own, as others understand it. No time daemon of Debian's listens to broadcasts any more: ntpsec's library reads them.</summary>
public sealed class BroadcastTests
{
    private const double Ahead = 0.250, Tolerance = 0.010; // s

    /// <summary>Hears one packet at an address, joins it if it is a multicast one, and says what ntpsec makes of it.</summary>
    private const string Listener = """
        import json, socket, sys
        import ntp.packet
        address, local, port, keys = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
        ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        ear.settimeout(40)
        ear.bind((address, port))
        if address.startswith("224."):
            ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(address) + socket.inet_aton(local))
        for _ in range(2):
            data, origin = ear.recvfrom(2000)
            packet = ntp.packet.SyncPacket(data)
            print(json.dumps({
                "from": origin[0], "port": origin[1], "length": len(data), "mode": packet.mode(), "version": packet.version(), "leap": packet.li_vn_mode >> 6,
                "stratum": packet.stratum, "poll": packet.poll, "asked": packet.origin_timestamp + packet.receive_timestamp,
                "ahead": (packet.transmit_timestamp - packet.received) / 2**32,
                "signed": ntp.packet.Authenticator(keys).verify_mac(data) if len(data) > 48 else False}), flush=True)
        """;

    [RootFact]
    public Task Ntpsecs_library_reads_it() => HearAsync("10.123.91.255", signed: false);

    [RootFact]
    public Task Ntpsecs_library_finds_its_mac_right() => HearAsync("10.123.91.255", signed: true);

    [RootFact]
    public Task Ntpsecs_library_reads_it_from_a_multicast_group() => HearAsync("224.0.1.1", signed: true);

    private static async Task HearAsync(string to, bool signed)
    {
        using var stage = new Stage();
        using var network = new Namespace("10.123.91");
        int port = Stage.FreePort();
        string keys = KeyFile(stage, "keys", "7 AES128 HEX:000102030405060708090A0B0C0D0E0F"), theirs = KeyFile(stage, "theirs", "7 AES 000102030405060708090A0B0C0D0E0F");
        using var server = new Suite(stage, "server", "250ms", $"""
            [serve]
            listen = ["127.0.0.1:{port}", "{network.Inside}:{port}"]

            [broadcast]
            to = ["{to}:{port}"]
            interval = 0
            {(signed ? "key = 7" : "")}

            [keys]
            file = "{keys}"

            [local]
            stratum = 1
            """, network.Enter);

        string heard = await stage.RunAsync(
            "listener",
            [Installation.Peer("python3"), "-c", Listener, to, $"{network.Outside}", port.ToString(CultureInfo.InvariantCulture), theirs],
            Ntpdig.Environment);

        string[] lines = heard.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        foreach (string line in lines)
        {
            using var packet = JsonDocument.Parse(line);
            int Number(string name) => packet.RootElement.GetProperty(name).GetInt32();
            Assert.Equal($"{network.Inside}", packet.RootElement.GetProperty("from").GetString()); // not from the address that cannot reach it
            Assert.Equal((port, signed ? 68 : 48), (Number("port"), Number("length")));
            Assert.Equal((5, 4, 0, 1, 0, 0), (Number("mode"), Number("version"), Number("leap"), Number("stratum"), Number("poll"), Number("asked")));
            Assert.Equal(signed, packet.RootElement.GetProperty("signed").GetBoolean());
            Assert.InRange(packet.RootElement.GetProperty("ahead").GetDouble(), Ahead - 30, Ahead + Tolerance); // read as late as the machine is busy
        }
    }

    private static string KeyFile(Stage stage, string name, string line)
    {
        string file = Path.Combine(stage.Folder(name), "ntp.keys");
        File.WriteAllText(file, line + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }
}
