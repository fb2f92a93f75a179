using Grpc.Core;
using TimeSuite.Config;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Rpc.Ntp.V1;
using Status = Grpc.Core.Status;

namespace TimeSuite.Ctl.Tests;

public sealed class ControlTests : IAsyncLifetime
{
    private readonly FakeSuite _suite = new();

    public Task InitializeAsync() => _suite.InitializeAsync();

    public Task DisposeAsync() => _suite.DisposeAsync();

    [Theory]
    [InlineData("reload", "reloaded: 1 sources added, 2 removed, 3 changed, 4 kept\n", """{"added":1,"removed":2,"changed":3,"kept":4,"unserved":[]}""")]
    [InlineData("online", "3 sources are online\n", """{"sources":3}""")]
    [InlineData("offline ntp.example.net", "1 source is offline\n", """{"sources":1}""")]
    [InlineData("burst ntp.example.net", "1 source is in a burst\n", """{"sources":1}""")]
    [InlineData("delete ntp.example.net", "deleted ntp.example.net\n", """{"name":"ntp.example.net","sources":1}""")]
    [InlineData("delete twice", "deleted 2 sources called twice\n", """{"name":"twice","sources":2}""")]
    [InlineData("step", "the clock was set back by 250.000 ms\n", """{"stepped_s":-0.25}""")]
    [InlineData("add server ntp.example.net", "added ntp.example.net\n", """{"name":"ntp.example.net"}""")]
    public async Task Each_verb_says_what_it_did_to_people_and_to_programs(string line, string text, string json)
    {
        var toPeople = await _suite.TimectlAsync(line.Split(' '));
        var toPrograms = await _suite.TimectlAsync([.. line.Split(' '), "--json"]);

        Assert.Equal(new Run(ExitCode.Done, text, ""), toPeople);
        Assert.Equal(new Run(ExitCode.Done, json + "\n", ""), toPrograms);
    }

    [Fact]
    public async Task A_reload_names_the_addresses_that_cannot_be_served()
    {
        _suite.State.Unserved = "192.0.2.1:123 (bind: Permission denied; ntpd can bind ports below 1024 at its start only, with CAP_NET_BIND_SERVICE: restart it, or have systemd hand the socket over (timesuite-ntpd.socket))";

        var run = await _suite.TimectlAsync("reload");

        Assert.Equal(ExitCode.Done, run.Code);
        Assert.EndsWith("4 kept\ncannot serve on 192.0.2.1:123 (bind: Permission denied; ntpd can bind ports below 1024 at its start only, with CAP_NET_BIND_SERVICE: restart it, or have systemd hand the socket over (timesuite-ntpd.socket))\n", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(400)]
    public async Task A_reload_lists_every_mistake_on_a_line_of_its_own(int count)
    {
        string[] mistakes = [.. Enumerable.Range(1, count).Select(line => $"/etc/timesuite/timesuite.toml({line},1): there is no key bogus")];
        _suite.State.Refusal = new Status(StatusCode.InvalidArgument, string.Join('\n', mistakes) + "\u001b[2J");

        var run = await _suite.TimectlAsync("reload");

        Assert.Equal(new Run(ExitCode.Failed, "", string.Concat(mistakes.Select(mistake => $"timectl: ntpd: {mistake}\n"))[..^1] + "?[2J\n"), run);
    }

    [Fact]
    public async Task A_step_first_asks_clockd_for_a_permit_of_twice_the_offset()
    {
        _suite.State.Tracking.Offset = Samples.Time(-0.5);

        await _suite.TimectlAsync("step");

        Assert.IsType<GetTrackingRequest>(_suite.State.Asked[0]);
        var permit = Assert.IsType<PermitStepRequest>(_suite.State.Asked[1]);
        Assert.Equal(("system", 1.0), (permit.ClockId, permit.MaxSize.ToDomain().Seconds));
        Assert.InRange(permit.Window.ToDomain().Seconds, 1, 3600);
        Assert.IsType<StepRequest>(_suite.State.Asked[2]);
    }

    [Fact]
    public async Task A_step_that_confirms_a_jump_has_a_permit_for_it()
    {
        (_suite.State.Tracking.Offset, _suite.State.Tracking.Jump) = (Samples.Time(-0.5), Samples.Time(10));

        await _suite.TimectlAsync("step");

        Assert.Equal(19, Assert.IsType<PermitStepRequest>(_suite.State.Asked[1]).MaxSize.ToDomain().Seconds);
    }

    [Fact]
    public async Task A_step_takes_the_size_that_it_is_given()
    {
        await _suite.TimectlAsync("step", "--max-size", "1.5 ms");

        Assert.Equal(1_500_000, Assert.IsType<PermitStepRequest>(_suite.State.Asked[0]).MaxSize.ToDomain().Nanoseconds);
    }

    [Fact]
    public async Task A_step_to_nowhere_is_not_tried()
    {
        _suite.State.Tracking.Offset = null;

        var run = await _suite.TimectlAsync("step");

        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains("does not know the time yet", run.Error, StringComparison.Ordinal);
        Assert.Single(_suite.State.Asked);
    }

    [Fact]
    public async Task Options_of_a_new_source_become_its_keys()
    {
        var run = await _suite.TimectlAsync(
            "add", "server", "--iburst", "192.0.2.1", "--min-poll", "4", "--max-poll", "128 s", "--prefer", "--trust", "false", "--offset=-1.5 ms", "--asymmetry", "0.25");

        Assert.Equal("", run.Error);
        var source = SourceToml.Parse(Assert.IsType<AddSourceRequest>(_suite.State.Asked[0]).Toml).Value!;
        Assert.Equal(("192.0.2.1", 4, 7, true, true, false), (source.Name, source.MinPoll, source.MaxPoll, source.Iburst, source.Prefer, source.Trust));
        Assert.Equal((-1_500_000, 0.25), (source.Offset.Nanoseconds, source.Asymmetry));
    }

    [Fact]
    public async Task A_source_can_be_given_as_it_would_stand_in_the_file()
    {
        await _suite.TimectlAsync("add", "pool = 'pool.example'\nmax-sources = 2");

        Assert.Equal("pool = 'pool.example'\nmax-sources = 2", Assert.IsType<AddSourceRequest>(_suite.State.Asked[0]).Toml);
    }

    [Fact]
    public async Task A_mistake_in_a_new_source_is_told_before_ntpd_hears_of_it()
    {
        var run = await _suite.TimectlAsync("add", "server = 'a'\nminpoll = 4");

        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains("add(2,1): [[source]]: unknown key \"minpoll\" (= 4); the nearest known key is \"min-poll\"", run.Error, StringComparison.Ordinal);
        Assert.Empty(_suite.State.Asked);
    }

    [Fact]
    public async Task A_name_that_ntpd_does_not_know_is_told_in_its_words()
    {
        var run = await _suite.TimectlAsync("delete", "nobody");

        Assert.Equal(new Run(ExitCode.Failed, "", "timectl: ntpd: no source is called nobody\n"), run);
    }

    [Theory]
    [InlineData("reload", "ntpd")]
    [InlineData("delete a", "ntpd")]
    [InlineData("step", "clockd")]
    public async Task A_gate_that_lets_nobody_in_is_told_as_such(string line, string daemon)
    {
        _suite.State.AdmitsToControl = false;

        var run = await _suite.TimectlAsync(line.Split(' '));

        Assert.Equal((ExitCode.NotPermitted, ""), (run.Code, run.Out));
        Assert.Matches($@"^timectl: {daemon} closed the connection on \S+ without an answer, as it does with strangers: run timectl as root", run.Error);
    }

    [Fact]
    public async Task A_refusal_for_lack_of_rights_ends_with_3()
    {
        _suite.State.Refusal = new Status(StatusCode.PermissionDenied, "not an administrator");

        var run = await _suite.TimectlAsync("step", "--max-size", "1s");

        Assert.Equal(ExitCode.NotPermitted, run.Code);
        Assert.StartsWith("timectl: clockd does not permit this: not an administrator; run timectl as root", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clockd_being_down_is_told_in_ntpds_words()
    {
        _suite.State.Refusal = new Status(StatusCode.Unavailable, "clockd does not answer on /run/timesuite/clockd/clockd.sock");

        var run = await _suite.TimectlAsync("clock");

        Assert.Equal(new Run(ExitCode.Failed, "", "timectl: ntpd: clockd does not answer on /run/timesuite/clockd/clockd.sock\n"), run);
    }
}
