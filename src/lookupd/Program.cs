using System.ComponentModel;
using System.Net.Sockets;
using System.Text;
using Microsoft.Win32.SafeHandles;
using TimeSuite.Host;
using TimeSuite.Linux;
using TimeSuite.Lookupd;

const string name = "lookupd";
const int waiting = 16;

new Enclosure(name, UsesTcp: true).Enter(args, _ => new(Logs: null));
Option[] options =
[
    new("--runtime-dir", "DIR", "where the suite's sockets are (default /run/timesuite)"),
    Confinement.Help,
    new("--version", null, "print the version and end"),
    new("--help", null, "print this and end"),
];
if (args is [Confinement.SelfTest, .. var rest])
{
    return Confinement.Try(name, rest);
}

if (!CommandLine.TryParse(args, options, out var line, out string? error) || !Confinement.TryGetMode(line, out var mode, out error))
{
    Console.Error.WriteLine($"{name}: {error}");
    return 2;
}

if (line.Has("--help") || line.Has("--version"))
{
    Console.Out.Write(line.Has("--help") ? CommandLine.Help(name, "finds the addresses of names for ntpd and ntskeyd", options) : $"{name} {Daemon.Version}\n");
    return 0;
}

using var errors = new FileStream(new SafeFileHandle(2, ownsHandle: false), FileAccess.Write, bufferSize: 0); // Console wants descriptors of its own, of which there may be none
string warning = Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 } ? "<4>" : $"{name}: ";
try
{
    Umask.OwnerOnly();
    HugePages.Forbid();
    CoreDumps.Forbid();
    if (AppArmorProfile.Fault(name) is { } fault)
    {
        Say(fault);
    }

    string directory = Path.GetFullPath(Path.Combine(line.Get("--runtime-dir", "/run/timesuite"), name));
    using var handed = ListenFds.FromEnvironment().Take($"{name}.sock");
    using var listener = handed is not null ? new Socket(new SafeSocketHandle(handed.Number, ownsHandle: false)) : Open(Path.Combine(directory, $"{name}.sock"));
    using var readiness = Readiness.FromEnvironment();
    uint?[] mayAsk = [0, Users.Own, Users.FindUser("timesuite-ntp"), Users.FindUser("timesuite-nts")];
    Confinement.Close(name, mode);
    if (mode == SeccompMode.Off)
    {
        Say($"NOT CONFINED: every system call may be made ({Confinement.WhyOff})");
    }

    ProgramPages.Release();
    readiness.Ready();
    new LookupServer(listener, user => mayAsk.Contains(user), Search.For, readiness, Say).Run();
    Say("its socket is gone");
    return 1;
}
catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or Win32Exception)
{
    // The machine's fault or the administrator's, not a bug: a sentence, no stack.
    Say($"cannot run: {exception.Message}");
    return exception is CannotConfineException ? CannotConfineException.ExitCode : 1;
}

void Say(string what)
{
    try
    {
        errors.Write(Encoding.UTF8.GetBytes($"{warning}{what}\n"));
    }
    catch (IOException)
    {
        // Nobody listens, or the disk is full: answers do not depend on that.
    }
}

static Socket Open(string path)
{
    Daemon.MakeDirectory(Path.GetDirectoryName(path)!);
    UnixSocketFile.RemoveStale(path, SocketType.Seqpacket);
    var socket = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
    socket.Bind(new UnixDomainSocketEndPoint(path));
    socket.Listen(waiting);
    File.SetUnixFileMode(path, UnixSocketFile.Everybody); // who asks is looked at, not the mode
    return socket;
}
