using TimeSuite.System.VmGuest;

// Runs in a virtual machine whose clock it may break. One line for each check: "ok NAME" or "FAILED NAME: what was seen".
foreach (var (name, run) in KernelTraps.All.Concat(KernelClockChecks.All))
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
