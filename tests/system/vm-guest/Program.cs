using TimeSuite.System.VmGuest;

_ = GuestClock.Midnight; // read before a check moves the clock

// Runs in a virtual machine whose clock it may break. One line for each check: "ok NAME" or "FAILED NAME: what was seen".
foreach (var (name, run) in KernelTraps.All.Concat(KernelClockChecks.All).Concat(ClockdChecks.All))
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
