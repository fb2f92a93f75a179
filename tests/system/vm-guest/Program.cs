using TimeSuite.System.VmGuest;

_ = GuestClock.Midnight; // read before a check moves the clock

// Runs in a virtual machine whose clock it may break. One line for each check: "ok NAME" or "FAILED NAME: what was seen".
// Arguments: which checks, and if not all of them a part of their names.
var checks = args[0] switch
{
    "ntpd" => NtpdChecks.All.Concat(LeapChecks.All),
    "ptp" => PhcChecks.All.Concat(PtpChecks.All),
    "hardware" => NtpHardwareChecks.All,
    _ => KernelTraps.All.Concat(KernelClockChecks.All).Concat(ClockdChecks.All),
};
foreach (var (name, run) in checks.Where(check => args is [_] or [_, ""] || check.Name.Contains(args[1], StringComparison.OrdinalIgnoreCase)))
{
    try
    {
        run();
        Console.WriteLine($"ok {name}");
    }
    catch (Exception failure)
    {
        Console.WriteLine($"FAILED {name}: {failure.Message.ReplaceLineEndings(" ")}");
    }
}

Console.WriteLine("guest done");
