using System.Globalization;
using System.Text.RegularExpressions;

namespace TimeSuite.Interop.Tests;

/// <summary>Debian's ptp4l with software stamps. It never touches the clock: free_running, and it lacks the right.</summary>
internal sealed partial class Ptp4l
{
    private readonly Child _process;

    private Ptp4l(Child process) => _process = process;

    /// <summary>Starts it on the interface within a namespace.</summary>
    /// <param name="stage">Where.</param>
    /// <param name="network">The namespace.</param>
    /// <param name="options">Arguments, e.g. <c>-4 -E -s</c>.</param>
    /// <param name="settings">Lines of [global].</param>
    public static Ptp4l Start(Stage stage, NamespacePair network, string options, params string[] settings) => Start(stage, "ptp4l", network.Enter.Theirs, options, settings);

    /// <summary>The same, wherever.</summary>
    public static Ptp4l Start(Stage stage, string name, IReadOnlyList<string> enter, string options, params string[] settings)
    {
        string folder = stage.Folder(name), file = Path.Combine(folder, "ptp4l.cfg");
        File.WriteAllLines(file, ["[global]", "free_running 1", $"uds_address {folder}/uds", .. settings]);
        return new(stage.Start(name, [.. enter, Installation.Peer("root/usr/sbin/ptp4l"), "-i", NamespacePair.Interface, "-S", .. options.Split(' '), "-f", file, "-m"]));
    }

    /// <summary>It dies.</summary>
    public void Stop(Stage stage) => stage.Stop(_process);

    /// <summary>Offsets from its master that it has printed, ns. When it runs free it prints them before it knows any delay, and then they are none.</summary>
    public IReadOnlyList<double> Offsets => Printed(1);

    /// <summary>The delays of the path that it has printed beside them, ns.</summary>
    public IReadOnlyList<double> Delays => Printed(2);

    private IReadOnlyList<double> Printed(int what) =>
        [.. Offset().Matches(_process.Output).Where(match => match.Groups[2].Value != "0").Select(match => double.Parse(match.Groups[what].Value, CultureInfo.InvariantCulture))];

    [GeneratedRegex(@"master offset +(-?\d+) .*path delay +(-?\d+)")]
    private static partial Regex Offset();
}
