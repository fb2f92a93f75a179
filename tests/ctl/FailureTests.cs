using System.Net.Sockets;
using Grpc.Core;

namespace TimeSuite.Ctl.Tests;

public sealed class FailureTests
{
    private static readonly DaemonSocket Control = new("ntpd", "/run/x/ntpd.sock", IsForAll: false);

    public static TheoryData<string[]> CommandsThatNeedADaemon =>
    [
        ["status"], ["sources"], ["sourcestats"], ["selection"], ["clock"], ["watch"], ["reload"], ["step"], ["step", "--max-size", "1s"],
        ["online"], ["offline", "a"], ["burst"], ["add", "server", "a"], ["add", "server = \"a\""], ["delete", "a"],
    ];

    [Theory]
    [MemberData(nameof(CommandsThatNeedADaemon))]
    public async Task A_daemon_that_is_down_gives_one_plain_sentence(string[] command)
    {
        string nowhere = Path.Combine(Path.GetTempPath(), "ts-nowhere");

        var run = await Run.OfAsync([.. command, "--runtime-dir", nowhere]);

        Assert.Equal((ExitCode.Failed, ""), (run.Code, run.Out));
        Assert.Matches($@"^timectl: (ntpd|clockd) does not answer on {nowhere}/\S+\.sock: is it running\? systemctl status timesuite-(ntpd|clockd)\n$", run.Error);
    }

    [Fact]
    public async Task A_runtime_directory_too_long_for_a_socket_is_no_crash()
    {
        var run = await Run.OfAsync(["status", "--runtime-dir", "/tmp/" + new string('x', 200)]);

        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.StartsWith("timectl: ntpd does not answer on /tmp/xxx", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stale_socket_is_a_daemon_that_is_down()
    {
        var folder = Directory.CreateTempSubdirectory("ts-");
        Directory.CreateDirectory(Path.Combine(folder.FullName, "ntpd"));
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, "ntpd/status.sock")));
        }

        var run = await Run.OfAsync(["status", "--runtime-dir", folder.FullName]);
        folder.Delete(recursive: true);

        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains("does not answer on", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_socket_that_we_may_not_open_is_not_permitted()
    {
        var refused = new HttpRequestException("no", new SocketException((int)SocketError.AccessDenied));
        var failure = Failure.Of(new RpcException(new Status(StatusCode.Unavailable, "Error connecting", refused)), Control);

        Assert.Equal(ExitCode.NotPermitted, failure.ExitCode);
        Assert.Equal("you may not talk to ntpd on /run/x/ntpd.sock: run timectl as root or as a member of the group timesuite", failure.Message);
    }

    [Theory]
    [InlineData(StatusCode.PermissionDenied, 3, "ntpd does not permit this: because")]
    [InlineData(StatusCode.DeadlineExceeded, 1, "did not answer in time")]
    [InlineData(StatusCode.Unimplemented, 1, "different versions")]
    [InlineData(StatusCode.InvalidArgument, 1, "ntpd: because")]
    [InlineData(StatusCode.Unavailable, 1, "ntpd: because")]
    [InlineData(StatusCode.Internal, 1, "ntpd: because")]
    public void Each_status_has_its_sentence(StatusCode code, int exitCode, string part)
    {
        var failure = Failure.Of(new RpcException(new Status(code, "because\u001b[2J")), Control);

        Assert.Equal(exitCode, failure.ExitCode);
        Assert.Contains(part, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(failure.Message, char.IsControl);
    }

    [Fact]
    public void A_list_of_mistakes_ends_somewhere()
    {
        var failure = Failure.Of(new RpcException(new Status(StatusCode.InvalidArgument, string.Concat(Enumerable.Repeat("a\n", 100_000)))), Control);

        Assert.InRange(failure.Message.Length, 60_000, 65_536);
    }

    [Theory]
    [InlineData("foo", "there is no command 'foo'")]
    [InlineData("foo bar --json", "there is no command 'foo'")]
    [InlineData("--foo", "there is no option '--foo'")]
    [InlineData("config foo", "there is no command 'foo'")]
    public async Task A_command_that_does_not_exist_is_all_that_is_told(string line, string sentence)
    {
        Assert.Equal(new Run(ExitCode.Usage, "", $"timectl: {sentence}\ntimectl: --help lists what there is\n"), await Run.OfAsync(line.Split(' ')));
    }

    [Theory]
    [InlineData("clock --events -1", "clock: --events must be from 0 to 1024")]
    [InlineData("clock --events 100000", "clock: --events must be from 0 to 1024")]
    [InlineData("watch --seconds -5", "watch: --seconds must be from 0 to 1000000")]
    [InlineData("watch --seconds 1000001", "watch: --seconds must be from 0 to 1000000")]
    [InlineData("watch --seconds NaN", "watch: --seconds must be from 0 to 1000000")]
    public async Task A_number_out_of_its_range_is_told_the_range(string line, string sentence)
    {
        Assert.Equal(new Run(ExitCode.Usage, "", $"timectl: {sentence}\n"), await Run.OfAsync(line.Split(' ')));
    }

    [Theory]
    [InlineData("bogus")]
    [InlineData("status --bogus")]
    [InlineData("watch --seconds ten")]
    [InlineData("waitsync --timeout soon")]
    [InlineData("delete")]
    [InlineData("config")]
    [InlineData("add")]
    [InlineData("add @/etc/passwd")]
    [InlineData("add server")]
    [InlineData("add server a --min-poll 40")]
    [InlineData("add server a --port x")]
    [InlineData("burst --good 17")]
    public async Task A_command_line_that_makes_no_sense_ends_with_2_and_prints_nothing_to_standard_output(string line)
    {
        var run = await Run.OfAsync(line.Split(' '));

        Assert.Equal((ExitCode.Usage, ""), (run.Code, run.Out));
        Assert.StartsWith("timectl: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_command_at_all_shows_the_help()
    {
        var run = await Run.OfAsync([]);

        Assert.Contains("waitsync", run.Out, StringComparison.Ordinal);
    }
}
