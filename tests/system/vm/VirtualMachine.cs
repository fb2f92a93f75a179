using System.Globalization;

namespace TimeSuite.System.Tests.Vm;

/// <summary>
/// Minimal machines side by side, each with the distribution's kernel, a static busybox, our programs. Each runs a part of vm-guest, or vrf.sh, and powers
/// itself off. Emulated, with virtual time: idle time is skipped, so an hour of waiting in the guest costs seconds. No right is needed.
/// </summary>
public sealed class VirtualMachine
{
    /// <summary>Tests with virtual machines: one class after the other, for there are few processors.</summary>
    public const string Collection = "virtual machines";

    private static readonly TimeSpan PrepareLimit = TimeSpan.FromMinutes(15); // with packages to fetch and programs to compile, beside other tests
    private static readonly TimeSpan RunLimit = TimeSpan.FromMinutes(20); // side by side on what other tests leave of two processors; a minute or two for itself

    private static readonly string[] s_parts = ["kernel", "ntpd", "vrf", "ptp", "hardware"];

    public VirtualMachine()
    {
        var prepared = BoundedRun.Of("/bin/bash", [Repository.File("tests/system/vm/prepare.sh")], Repository.Root, PrepareLimit);
        if (prepared.ExitCode != 0)
        {
            throw new InvalidOperationException($"tests/system/vm/prepare.sh: {prepared.Output}");
        }

        string[] outputs = new string[s_parts.Length];
        Parallel.For(0, s_parts.Length, index =>
        {
            outputs[index] = BoundedRun.Of("qemu-system-x86_64", Arguments(DateTime.UtcNow.Year + 1, s_parts[index]), Repository.File("out/vm"), RunLimit).Output;
            File.WriteAllText(Repository.File($"out/vm/{s_parts[index]}.log"), outputs[index]);
        });
        Outputs = outputs;
    }

    /// <summary>All that each machine wrote to its console.</summary>
    public IReadOnlyList<string> Outputs { get; }

    /// <summary>The guest's word on each check: null for "ok", else what it saw.</summary>
    public IReadOnlyDictionary<string, string?> Checks => Outputs.SelectMany(output => output.Split('\n')).Select(line => line.Trim()).Aggregate(
        new Dictionary<string, string?>(),
        (checks, line) =>
        {
            if (line.StartsWith("ok ", StringComparison.Ordinal))
            {
                checks[line[3..]] = null;
            }
            else if (line.StartsWith("FAILED ", StringComparison.Ordinal) && line.IndexOf(": ", StringComparison.Ordinal) is > 0 and var colon)
            {
                checks[line[7..colon]] = line[(colon + 2)..];
            }

            return checks;
        });

    /// <param name="year">The machine starts at noon of this year's last day, which has a leap second if somebody says so.</param>
    /// <param name="part">Which checks.</param>
    private static string[] Arguments(int year, string part) =>
    [
        "-machine", "q35", "-accel", "tcg,thread=single", "-cpu", "max", "-smp", "1", "-m", "384",
        "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-serial", "stdio",
        "-icount", "shift=1,sleep=off",
        "-rtc", string.Create(CultureInfo.InvariantCulture, $"base={year}-12-31T12:00:00,clock=vm"),
        "-kernel", "vmlinuz", "-initrd", "initrd",

        // The kernel by itself gets a tick each 4 ms, idle or not: without it an idle kernel notices the end of a slewed second late, by up
        // to a fifth of it, when nobody wakes it. The daemons have to do with a kernel as it is.
        "-append", $"console=ttyS0 quiet panic=-1 {(part == "kernel" ? "nohz=off " : "")}checks={part}",
    ];
}
