using System.Globalization;
using TimeSuite.Load;

const string usage = """
    ntp-load bare PORT                            a bare responder on all addresses, until it is killed
    ntp-load ask [--target A] [--port N] [--clients N] [--threads N] [--outstanding N | --rate N] [--seconds S] [--junk PER-MILLE] [--origin last] [--key ID:HEX | --requests FILE] [--pid N]
    ntp-load soak --rate N [--seconds S] [--patience S] and the others of ask: sleeps in between, ends with all that can still come, counts everything
    ntp-load latency [--target A] [--port N] [--seconds S]  how long the server keeps a request, 1,000 a second: median and 99th percentile, us
    ntp-load first [--target A] [--port N]        waits for the first answer and tells when it came, in ns since 1970
    ntp-load hand PORT SOCKETS PROGRAM ARGS...    binds so many sockets of one port and becomes the program, which gets them as from systemd
    ntp-load table FILE                           makes bench/results/server.md's tables of what bench/server.sh has measured
    """;

switch (args)
{
    case ["bare", var port]:
        BareResponder.Run(int.Parse(port, CultureInfo.InvariantCulture));
        return 0;
    case ["ask", .. var rest]:
        Console.WriteLine(Load.Run(LoadOptions.Parse(rest)).ToString());
        return 0;
    case ["soak", .. var rest]:
        Console.WriteLine(Soak.Run(LoadOptions.Parse(rest)));
        return 0;
    case ["latency", .. var rest]:
        Console.WriteLine(Latency.Run(LoadOptions.Parse(rest)));
        return 0;
    case ["first", .. var rest]:
        Console.WriteLine(Load.FirstAnswer(LoadOptions.Parse(rest)));
        return 0;
    case ["hand", var port, var sockets, .. var command] when command.Length > 0:
        Handing.Become(int.Parse(port, CultureInfo.InvariantCulture), int.Parse(sockets, CultureInfo.InvariantCulture), command);
        return 1;
    case ["table", var file]:
        Table.Write(File.ReadLines(file), Console.Out);
        return 0;
    default:
        Console.Error.WriteLine(usage);
        return 2;
}
