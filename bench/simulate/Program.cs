using TimeSuite.Simulate;

try
{
    var line = CommandLine.Parse(args);
    return line.Mode switch
    {
        CommandLine.What.Help => Say(CommandLine.Usage),
        CommandLine.What.List => Say(Listing.Text()),
        CommandLine.What.Table => DisciplineTable.Make(line),
        CommandLine.What.Shapes => ShapesTable.Make(line),
        CommandLine.What.Targets => TargetsTable.Make(line),
        CommandLine.What.Ptp => PtpTable.Make(line),
        CommandLine.What.All => Suite.Play(line),
        CommandLine.What.Oracle => BesideOracle.Play(line),
        _ => One.Play(line),
    };
}
catch (FormatException wrong)
{
    Console.Error.WriteLine($"simulate: {wrong.Message}");
    return 2;
}
catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"simulate: {failure.Message}");
    return 1;
}

static int Say(string text)
{
    Console.WriteLine(text);
    return 0;
}
