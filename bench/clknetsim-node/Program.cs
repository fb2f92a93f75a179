using TimeSuite.ClknetsimNode;
using TimeSuite.Config;

try
{
    if (args.Contains("--help"))
    {
        Console.WriteLine(NodeOptions.Usage);
        return 0;
    }

    var options = NodeOptions.Parse(args, Environment.GetEnvironmentVariable);
    var read = ConfigFile.Parse(File.ReadAllText(options.ConfigFile), options.ConfigFile);
    if (!read.TryGet(out var config))
    {
        throw new FormatException(string.Join('\n', read.Errors));
    }

    using var wire = Wire.Connect(options.Socket, options.ConnectTimeout);
    using var node = new Node(wire, options, config, Console.Error);
    node.Run();
    return 0;
}
catch (FormatException wrong)
{
    Console.Error.WriteLine($"clknetsim-node: {wrong.Message}");
    return 2;
}
catch (Exception failure) when (failure is IOException or System.Net.Sockets.SocketException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"clknetsim-node: {failure.Message}");
    return 1;
}
