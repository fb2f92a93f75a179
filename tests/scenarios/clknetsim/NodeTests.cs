using System.ComponentModel;
using TimeSuite.ClknetsimNode;
using TimeSuite.Config;
using TimeSuite.Linux;
using TimeSuite.Ntp;

namespace TimeSuite.Scenarios.Tests.Clknetsim;

/// <summary>bench/clknetsim-node against a stand-in that speaks clknetsim's protocol.</summary>
public sealed class NodeTests
{
    private const string OneServer = "[[source]]\nserver = \"192.168.123.1\"\niburst = true\n";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void Time_is_kept_in_somebody_elses_simulation()
    {
        using var simulation = new StandIn(limit: 4000);
        Run(simulation, OneServer);

        Assert.Null(simulation.Violation);
        Assert.True(simulation.IsDeregistered);
        Assert.InRange(Math.Abs(simulation.Host.RealError), 0, 3e-4); // from 0.1 s and 100 ppm
        Assert.InRange(Math.Abs(simulation.Host.RealRate), 0, 5e-6);
    }

    [Fact]
    public void Requests_are_the_structures_of_clknetsim_to_the_octet()
    {
        using var simulation = new StandIn(limit: 100);
        Run(simulation, OneServer);

        Assert.Equal([1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0], simulation.Seen[1]); // REGISTER, pad, node 1
        Assert.Equal([2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], simulation.Seen[2]); // GETTIME, pad, clock 0
        Assert.Equal((8 + 8 + 208, 4), (simulation.Seen[4].Length, (int)simulation.Seen[4][0])); // ADJTIMEX: clock, pad, timex
        byte[] select = simulation.Seen[6];
        Assert.Equal((24, 1, 0), (select.Length, BitConverter.ToInt32(select, 16), BitConverter.ToInt32(select, 20))); // timeout, read, pad
        byte[] send = simulation.Seen[7];
        Assert.Equal(8 + 24 + 48, send.Length);
        Assert.Equal((1u, 0u, 0u), (BitConverter.ToUInt32(send, 8), BitConverter.ToUInt32(send, 12), BitConverter.ToUInt32(send, 16))); // UDP, subnet 0, to node 0
        Assert.InRange(BitConverter.ToUInt32(send, 20), 49_152u, 65_535u);
        Assert.Equal((123u, 48u), (BitConverter.ToUInt32(send, 24), BitConverter.ToUInt32(send, 28)));
        Assert.Equal([8, 0, 0, 0, 0, 0, 0, 0], simulation.Seen[8]); // RECV
        Assert.Equal([11, 0, 0, 0, 0, 0, 0, 0], simulation.Seen[11]); // DEREGISTER
        Assert.True(NtpHeader.TryParse(send.AsSpan(32), out var header) && header.Mode == NtpMode.Client);
    }

    [Fact]
    public void A_step_by_another_program_is_noticed_and_corrected()
    {
        using var simulation = new StandIn(limit: 4000);
        simulation.At(2000, () => simulation.Host.SetBy(0.02));
        var log = Run(simulation, OneServer);

        Assert.Contains("stepped", log, StringComparison.Ordinal);
        Assert.InRange(Math.Abs(simulation.Host.RealError), 0, 5e-4);
    }

    [Fact]
    public void Others_are_answered_if_the_configuration_says_so()
    {
        using var simulation = new StandIn(limit: 200);
        byte[] request = new byte[NtpHeader.Size];
        new NtpHeader { Version = 4, Mode = NtpMode.Client, Transmit = new(0x1234_5678_9ABC_DEF0) }.Write(request);
        simulation.At(100, () => simulation.Deliver(5000, 123, request));
        Run(simulation, OneServer + "[serve]\n");

        byte[] reply = simulation.Sent.Single(packet => BitConverter.ToUInt32(packet, 16) == 5000);
        Assert.True(NtpHeader.TryParse(reply.AsSpan(24), out var header));
        Assert.Equal((NtpMode.Server, 2, 0x1234_5678_9ABC_DEF0UL), (header.Mode, (int)header.Stratum, header.Origin.Bits));
    }

    [Fact]
    public void Without_serve_nobody_is_answered()
    {
        using var simulation = new StandIn(limit: 200);
        byte[] request = new byte[NtpHeader.Size];
        new NtpHeader { Version = 4, Mode = NtpMode.Client, Transmit = new(1) }.Write(request);
        simulation.At(100, () => simulation.Deliver(5000, 123, request));
        Run(simulation, OneServer);

        Assert.DoesNotContain(simulation.Sent, packet => BitConverter.ToUInt32(packet, 16) == 5000);
    }

    [Theory]
    [InlineData(10_000, 0)]
    [InlineData(9_990, 0)]
    [InlineData(10_100, -(300L << 16))]
    public void A_wait_ends_when_the_raw_clock_says_so_though_select_counts_monotonic_seconds(long tick, long freq)
    {
        using var simulation = new StandIn(limit: 1000);
        simulation.Begin();
        using (var wire = Wire.Connect(simulation.Path, s_patience))
        {
            wire.Register(1);
            var clock = new NodeClock(wire, StandIn.Start);
            var timex = new Timex { modes = Timex.ADJ_TICK | Timex.ADJ_FREQUENCY, tick = tick, freq = freq };
            clock.Adjust(ref timex);
            var before = wire.GetTime();

            Assert.Equal(SelectOutcome.Timeout, wire.Select(clock.ToMonotonic(500), out var after));
            Assert.Equal(500, after.Raw - before.Raw, 6);
            Assert.Equal(500 * ((tick / 1e4) + (freq / 65536e6)), after.Monotonic - before.Monotonic, 6);
            wire.Deregister();
        }

        Assert.True(simulation.WaitForEnd(s_patience));
    }

    [Fact]
    public void A_step_ends_a_slew_though_clknetsim_lets_it_go_on()
    {
        using var simulation = new StandIn(limit: 1000);
        simulation.Begin();
        using (var wire = Wire.Connect(simulation.Path, s_patience))
        {
            wire.Register(1);
            var clock = new NodeClock(wire, StandIn.Start);
            var slew = new Timex
            {
                modes = Timex.ADJ_STATUS | Timex.ADJ_NANO | Timex.ADJ_OFFSET | Timex.ADJ_TIMECONST,
                status = Timex.STA_PLL | Timex.STA_FREQHOLD,
                offset = 100_000_000,
            };
            clock.Adjust(ref slew);
            var step = new Timex { modes = Timex.ADJ_SETOFFSET | Timex.ADJ_NANO, seconds = 1 };
            clock.Adjust(ref step);
            var before = wire.GetTime();
            wire.Select(60, out var after);

            Assert.Equal(after.Raw - before.Raw, after.Monotonic - before.Monotonic, 1e-9);
            wire.Deregister();
        }

        Assert.True(simulation.WaitForEnd(s_patience));
    }

    [Fact]
    public void A_refused_adjustment_is_an_error_and_the_state_of_the_clock_comes_back()
    {
        using var simulation = new StandIn(limit: 10);
        simulation.Begin();
        using (var wire = Wire.Connect(simulation.Path, s_patience))
        {
            wire.Register(1);
            var wrong = new Timex { modes = Timex.ADJ_TICK, tick = 1 };
            var clock = new NodeClock(wire, StandIn.Start);
            Assert.Throws<Win32Exception>(() => clock.Adjust(ref wrong));
            var leap = new Timex { modes = Timex.ADJ_STATUS, status = Timex.STA_PLL | Timex.STA_INS };
            Assert.Equal(0, wire.Adjtimex(ref leap));
            wire.Select(2, out _);
            leap.modes = 0;
            Assert.Equal(1, wire.Adjtimex(ref leap)); // TIME_INS
            wire.Deregister();
        }

        Assert.True(simulation.WaitForEnd(s_patience));
    }

    [Fact]
    public void Another_version_of_the_simulator_is_told_apart()
    {
        using var simulation = new StandIn(limit: 100) { Registered = [1, 0, 0, 0] };

        var failure = Assert.Throws<IOException>(() => Run(simulation, OneServer));
        Assert.Contains("another version", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_we_are_comes_from_clknetsims_own_variables_or_from_options()
    {
        var environment = new Dictionary<string, string> { ["CLKNETSIM_NODE"] = "3", ["CLKNETSIM_SOCKET"] = "/tmp/a", ["CLKNETSIM_START_DATE"] = "2085977996" };
        var options = NodeOptions.Parse(["--config", "x.toml", "--node", "2"], environment.GetValueOrDefault);

        Assert.Equal(("x.toml", 1u, "/tmp/a", 2_085_977_996L), (options.ConfigFile, options.Node, options.Socket, options.Start));
        Assert.Contains("CLKNETSIM_NODE", Assert.Throws<FormatException>(() => NodeOptions.Parse(["--config", "x"], _ => null)).Message, StringComparison.Ordinal);
        Assert.Contains("--config", Assert.Throws<FormatException>(() => NodeOptions.Parse(["--node", "1"], _ => null)).Message, StringComparison.Ordinal);
        Assert.Contains("--config needs a value", Assert.Throws<FormatException>(() => NodeOptions.Parse(["--node", "1", "--config"], _ => null)).Message, StringComparison.Ordinal);
        Assert.Contains("--nodes: expected --config", Assert.Throws<FormatException>(() => NodeOptions.Parse(["--nodes", "1"], _ => null)).Message, StringComparison.Ordinal);
    }

    private static string Run(StandIn simulation, string toml)
    {
        simulation.Begin();
        Assert.True(ConfigFile.Parse(toml, "test").TryGet(out var config));
        var log = new StringWriter();
        using (var wire = Wire.Connect(simulation.Path, s_patience))
        {
            using var node = new Node(wire, new NodeOptions { ConfigFile = "test", Node = 1, Start = StandIn.Start }, config, log);
            node.Run();
        }

        Assert.True(simulation.WaitForEnd(s_patience));
        return log.ToString();
    }
}
