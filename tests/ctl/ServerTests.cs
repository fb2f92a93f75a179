using TimeSuite.Rpc.Ntp.V1;

namespace TimeSuite.Ctl.Tests;

/// <summary>ntpd as a server: who is served, who asked, what became of it.</summary>
public sealed class ServerTests : IAsyncLifetime
{
    private readonly FakeSuite _suite = new();

    public Task InitializeAsync() => _suite.InitializeAsync();

    public Task DisposeAsync() => _suite.DisposeAsync();

    [Theory]
    [InlineData("allow 192.0.2.0/24", "192.0.2.0/24: served\n", """{"networks":["192.0.2.0/24"],"action":"allow"}""")]
    [InlineData("deny all", "0.0.0.0/0 and ::/0: not served\n", """{"networks":["0.0.0.0/0","::/0"],"action":"deny"}""")]
    [InlineData("deny 2001:db8::1 --kod", "2001:db8::1: not served, told DENY now and then\n", """{"networks":["2001:db8::1"],"action":"deny_kod"}""")]
    [InlineData("access check 192.0.2.1", "192.0.2.1: served (by the rule for 192.0.2.0/24)\n", """{"address":"192.0.2.1","action":"allow","network":"192.0.2.0/24"}""")]
    [InlineData("access check ::1", "::1: served (no rule names it)\n", """{"address":"::1","action":"allow","network":null}""")]
    [InlineData("access reset", "2 rules were taken back\n", """{"removed":2}""")]
    public async Task Each_verb_says_what_it_did_to_people_and_to_programs(string line, string text, string json)
    {
        var toPeople = await _suite.TimectlAsync(line.Split(' '));
        var toPrograms = await _suite.TimectlAsync([.. line.Split(' '), "--json"]);

        Assert.Equal(new Run(ExitCode.Done, text, ""), toPeople);
        Assert.Equal(new Run(ExitCode.Done, json + "\n", ""), toPrograms);
    }

    [Theory]
    [InlineData("allow 192.0.2.0/24", AccessAction.Allow)]
    [InlineData("deny 192.0.2.0/24", AccessAction.Deny)]
    [InlineData("deny --kod 192.0.2.0/24", AccessAction.DenyKod)]
    public async Task What_was_said_is_what_is_asked(string line, AccessAction action)
    {
        await _suite.TimectlAsync(line.Split(' '));

        Assert.Equal(new ChangeAccessRequest { Network = "192.0.2.0/24", Action = action }, Assert.Single(_suite.State.Asked));
    }

    [Fact]
    public async Task Statistics_leave_out_what_never_happened()
    {
        var run = await _suite.TimectlAsync("serverstats");

        Assert.Equal(
            [
                "Requests", "1007  came, to 2 threads", "1000  answered with the time", "7  dropped: asked too often", "12  of the replies were interleaved",
                "5  of the replies were protected by NTS", "2  of the replies could not be sent: no way back, no room, or forbidden",
            ],
            run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim()));
        string json = (await _suite.TimectlAsync("serverstats", "--json")).Out;
        Assert.Contains("""{"name":"wrong_mac","meaning":"a MAC that is not right","count":0,"replied":false}""", json, StringComparison.Ordinal);
        Assert.Contains("\"nts\":5,\"leaked\":0,\"unsent\":2,", json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Statistics_of_a_client_say_that_it_serves_nobody()
    {
        _suite.State.Server = new();

        Assert.Equal("ntpd serves nobody: there is no [serve] in its configuration\n", (await _suite.TimectlAsync("serverstats")).Out);
    }

    [Fact]
    public async Task Statistics_that_overflow_are_shown_all_the_same()
    {
        _suite.State.Server.Outcomes[1].Count = ulong.MaxValue;

        Assert.Contains("18446744073709551615  came", (await _suite.TimectlAsync("serverstats")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_are_listed_with_what_is_left_out()
    {
        var run = await _suite.TimectlAsync("clients");

        Assert.Equal(
            ["Client Requests Limited Interval Last Version Signed", "192.0.2.1 900 7 64 s 12 s 4 yes", "2001:db8::/64 1 0 - 2 h 3 no", "... and 1 more; --limit shows them"],
            run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
        Assert.StartsWith("""{"clients":[{"network":"192.0.2.1","requests":900,"limited":7,"last_request_ago_s":12,"interval_s":64,"version":4,"authenticated":true}""", (await _suite.TimectlAsync("clients", "--json")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_are_listed_with_where_they_come_from()
    {
        var run = await _suite.TimectlAsync("access");

        Assert.Equal(
            ["Network What holds Set by", "192.0.2.0/24 served configuration", "::/0 not served, told DENY now and then timectl", "all others not served"],
            run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
        Assert.Equal(
            """{"rules":[{"network":"192.0.2.0/24","action":"allow","run_time":false},{"network":"::/0","action":"deny_kod","run_time":true}],"otherwise":"deny","serving":true}""" + "\n",
            (await _suite.TimectlAsync("access", "--json")).Out);
    }

    [Theory]
    [InlineData("clients --limit 0")]
    [InlineData("clients --limit 10001")]
    [InlineData("allow")]
    [InlineData("access chek ::1")]
    public async Task What_makes_no_sense_is_not_asked(string line)
    {
        Assert.Equal(ExitCode.Usage, (await _suite.TimectlAsync(line.Split(' '))).Code);
        Assert.Empty(_suite.State.Asked);
    }
}
