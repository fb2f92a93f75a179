using System.Net.Sockets;
using TimeSuite.Lookup;
using TimeSuite.System.Tests.Net;
using TimeSuite.System.Tests.Suite;
using TimeSuite.Time;
using Xunit.Abstractions;

namespace TimeSuite.System.Tests;

/// <summary>lookupd as it is shipped, and ntpd without it (threats.md, rows 55 and 56).</summary>
public sealed class LookupTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly Scene _scene = new(output);

    public void Dispose() => _scene.Dispose();

    [RootFact]
    public async Task A_name_of_a_thousand_addresses_has_64_and_the_daemons_go_on()
    {
        using var names = new Names();
        names.Mean([.. Enumerable.Range(1, 1000).Select(host => $"127.7.{host >> 8}.{host & 255} many.example"), "224.0.1.1 group.example", "0.0.0.0 none.example"]);
        var station = _scene.Add("station", "[[source]]\npool = \"many.example\"\nmax-sources = 4\n");
        station.Enter = names.Enter;
        station.Start();
        string socket = Path.Combine(station.Runtime, "lookupd/lookupd.sock");
        await Wait.UntilAsync(() => File.Exists(socket), s_limit, "lookupd listens");

        var many = Ask(socket, "many.example");
        Assert.Equal((LookupStatus.Found, LookupAnswer.MostAddresses), (many.Status, many.Addresses.Count));
        Assert.Equal(LookupStatus.NoSuchName, Ask(socket, "other.example").Status);
        Assert.Equal(LookupStatus.NoSuchName, Ask(socket, "group.example").Status);
        Assert.Equal(LookupStatus.NoSuchName, Ask(socket, "none.example").Status);
        await Wait.UntilAsync(async () => (await station.SourcesAsync())?.Count == 4, s_limit, "ntpd takes four of the addresses");
        Assert.False(station.Ntpd.HasEnded);
    }

    [Fact]
    public async Task Without_lookupd_no_name_is_found_and_that_is_said_once()
    {
        var station = _scene.Add("station", "[[source]]\nserver = \"localhost\"\nport = 9\n");
        station.StartNtpd();
        await Wait.UntilAsync(() => station.LogOf("ntpd").Contains("lookupd is not there", StringComparison.Ordinal), s_limit, "it says so");
        await Task.Delay(5_000); // it tries again
        Assert.Equal(2, station.LogOf("ntpd").Split("lookupd is not there").Length);

        station.StartLookupd();
        await Wait.UntilAsync(() => station.LogOf("ntpd").Contains("lookupd is there", StringComparison.Ordinal), TimeSpan.FromSeconds(40), "it finds it");
    }

    private static LookupAnswer Ask(string path, string name)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified) { ReceiveTimeout = 10_000 };
        socket.Connect(new UnixDomainSocketEndPoint(path));
        byte[] question = new byte[LookupQuestion.Size], reply = new byte[LookupAnswer.Size];
        Assert.True(new LookupQuestion(name, LookupFamily.Any, Duration.FromSeconds(10L)).TryWrite(question));
        socket.Send(question);
        Assert.True(LookupAnswer.TryParse(reply.AsSpan(0, socket.Receive(reply)), out var answer));
        return answer;
    }
}
