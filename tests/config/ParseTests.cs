using TimeSuite.Time;

namespace TimeSuite.Config.Tests;

public sealed class ParseTests
{
    [Fact]
    public void An_empty_file_gives_the_defaults()
    {
        var config = Good("");

        Assert.Empty(config.Sources);
        Assert.Null(config.Serve);
        Assert.Null(config.Local);
        Assert.Equal("default", config.Clock.Limits.Name);
        Assert.Equal(FrequencyOffset.FromPpm(500), config.Clock.Limits.MaxFrequency);
        Assert.Equal(Duration.FromSeconds(1L), config.Clock.Limits.MaxSlewedPhasePerDay);
        Assert.Equal(3, config.Clock.Limits.BootSteps);
        Assert.Equal(LeapConfig.LeapMode.System, config.Leap.Mode);
    }

    [Fact]
    public void Every_key_of_every_table_arrives()
    {
        var config = Good("""
            [clock]
            policy = "strict"
            max-frequency = "300 ppm"
            max-slew-rate = "10000 ppb"
            max-slewed-phase-per-day = "250 ms"
            boot-steps = 2
            later-steps-per-day = 1
            max-later-step = "1.5us"
            lease = "20 s"
            min-bound-growth = 2
            rtc-sync = false
            phc-max-frequency = "80 ppm"
            phc-steps = false
            steerers = ["alice", "1000"]
            readers = ["_bob"]

            [[source]]
            server = "ntp.example.net"
            port = 11123
            min-poll = -4
            max-poll = "2048 s"
            iburst = false
            prefer = true
            trust = true
            require = true
            interleaved = true
            version = 3
            offset = "-1 ms"
            asymmetry = 0.25
            max-delay = 0.5
            family = 6
            source-address = "2001:db8::7"
            source-port = 123
            interface = "eth0"
            dscp = 46
            offline = true

            [[source]]
            pool = "2.debian.pool.ntp.org"
            max-sources = 16
            burst = true
            noselect = true

            [selection]
            accuracy-target = "250 us"
            min-sources = 2
            max-distance = "1 s"
            max-jitter = "2h"
            combine-limit = 5
            max-stratum = 4
            step-threshold = "100 ms"
            step-limit = -1
            jump-limit = "1.5 s"
            jump-wait = "1 min"
            """.Replace("\"2h\"", "\"0.5 min\"", StringComparison.Ordinal) + """

            [serve]
            listen = ["127.0.0.1:11123", "[::1]:11123"]
            [local]
            stratum = 1
            [leap]
            mode = "slew"
            file = "/etc/leap"
            [log]
            level = "debug"
            directory = "/var/log/timesuite"
            measurements = true
            statistics = true
            tracking = true
            """);

        var expected = new ClockConfig
        {
            Limits = new()
            {
                Name = "strict",
                MaxFrequency = FrequencyOffset.FromPpm(300),
                MaxSlewRate = FrequencyOffset.FromPpb(10_000),
                MaxSlewedPhasePerDay = Duration.FromNanoseconds(250_000_000),
                BootSteps = 2,
                LaterStepsPerDay = 1,
                MaxLaterStep = Duration.FromNanoseconds(1_500),
                Lease = Duration.FromSeconds(20L),
                MinBoundGrowth = FrequencyOffset.FromPpm(2),
            },
            Phc = new() { MaxFrequency = FrequencyOffset.FromPpm(80), Steps = false, Lease = Duration.FromSeconds(20L) },
            RtcSync = false,
            Steerers = config.Clock.Steerers,
            Readers = config.Clock.Readers,
        };
        Assert.Equal(expected, config.Clock);
        Assert.Equal(["alice", "1000"], config.Clock.Steerers);
        Assert.Equal(["_bob"], config.Clock.Readers);

        Assert.Equal(2, config.Sources.Count);
        Assert.Equal(
            new SourceConfig
            {
                Kind = SourceConfig.SourceKind.Server,
                Name = "ntp.example.net",
                Port = 11123,
                MinPoll = -4,
                MaxPoll = 11,
                Iburst = false,
                Prefer = true,
                Trust = true,
                Require = true,
                Interleaved = true,
                Version = 3,
                Offset = Duration.FromNanoseconds(-1_000_000),
                Asymmetry = 0.25,
                MaxDelay = Duration.FromNanoseconds(500_000_000),
                AddressFamily = 6,
                SourceAddress = "2001:db8::7",
                SourcePort = 123,
                Interface = "eth0",
                Dscp = 46,
                Offline = true,
                Where = "test.toml(17)",
            },
            config.Sources[0]);
        Assert.Equal(SourceConfig.SourceKind.Pool, config.Sources[1].Kind);
        Assert.Equal(16, config.Sources[1].MaxSources);
        Assert.True(config.Sources[1].Burst && config.Sources[1].NoSelect);

        Assert.Equal(
            new SelectionConfig
            {
                AccuracyTarget = Duration.FromNanoseconds(250_000),
                MinSources = 2,
                MaxDistance = Duration.FromSeconds(1L),
                MaxJitter = Duration.FromSeconds(30L),
                CombineLimit = 5,
                MaxStratum = 4,
                StepThreshold = Duration.FromNanoseconds(100_000_000),
                StepLimit = -1,
                JumpLimit = Duration.FromNanoseconds(1_500_000_000),
                JumpWait = Duration.FromSeconds(60L),
            },
            config.Selection);
        Assert.Equal(["127.0.0.1:11123", "[::1]:11123"], config.Serve!.Listen);
        Assert.Equal(1, config.Local!.Stratum);
        Assert.Equal(new LeapConfig { Mode = LeapConfig.LeapMode.Slew, File = "/etc/leap" }, config.Leap);
        Assert.Equal(
            new LogConfig { Level = "debug", Directory = "/var/log/timesuite", Measurements = true, Statistics = true, Tracking = true },
            config.Log);
    }

    [Fact]
    public void A_policy_changes_the_defaults_and_a_key_overrides_the_policy()
    {
        var config = Good("[clock]\npolicy = \"chrony-like\"\nboot-steps = 7");

        Assert.Equal("chrony-like", config.Clock.Limits.Name);
        Assert.True(config.Clock.Limits.MaxSlewRate.Ppm > 80_000);
        Assert.Equal(7, config.Clock.Limits.BootSteps);
    }

    [Fact]
    public void Inline_and_dotted_forms_mean_the_same_as_headers()
    {
        var config = Good("clock.policy = \"strict\"\nlocal = { stratum = 3 }\nsource = [{ server = \"a.example\" }, { server = \"b.example\" }]");

        Assert.Equal("strict", config.Clock.Limits.Name);
        Assert.Equal(3, config.Local!.Stratum);
        Assert.Equal(["a.example", "b.example"], config.Sources.Select(source => source.Name));
    }

    [Theory]
    [InlineData("max-poll = 4", 4, 4)]
    [InlineData("min-poll = 12", 12, 12)]
    [InlineData("min-poll = \"62.5 ms\"\nmax-poll = \"1 s\"", -4, 0)]
    public void One_end_of_the_poll_range_makes_the_other_give_way(string keys, int least, int most)
    {
        var source = Good($"[[source]]\nserver = \"a.example\"\n{keys}").Sources[0];

        Assert.Equal((least, most), (source.MinPoll, source.MaxPoll));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("2001:db8::1")]
    [InlineData("fe80::1%eth0")]
    [InlineData("time.example.net.")]
    [InlineData("ntp_1.lan")]
    [InlineData("localhost")]
    public void Names_and_addresses_of_servers(string name) =>
        Assert.Equal(name, Good($"[[source]]\nserver = \"{name}\"").Sources[0].Name);

    [Fact]
    public void A_listen_address_may_be_held_to_an_interface() =>
        Assert.Equal(
            ["0.0.0.0%vrf-blue:123", "[::%eth0]:1123", "[fe80::1%eth0]:123"],
            Good("[serve]\nlisten = [\"0.0.0.0%vrf-blue\", \"[::%eth0]:1123\", \"fe80::1%eth0\"]").Serve!.Listen);

    [Fact]
    public void Threads_are_as_many_as_written_or_left_to_the_machine() =>
        Assert.Equal([3, null], new[] { "threads = 3", "" }.Select(line => Good($"[serve]\n{line}").Serve!.Threads));

    [Fact]
    public void A_listen_address_without_a_port_gets_123() =>
        Assert.Equal(["127.0.0.1:123", "[::]:123", "[::1]:123"], Good("[serve]\nlisten = [\"127.0.0.1\", \"[::]\", \"::1\"]").Serve!.Listen);

    [Fact]
    public void The_packaged_configuration_has_enough_sources_for_a_majority_and_all_are_protected()
    {
        var config = Good(File.ReadAllText(Repository.File("packaging/timesuite.toml")));

        Assert.InRange(config.Sources.Count, 3, 8);
        Assert.All(config.Sources, source => Assert.True(source.Nts));
    }

    [Fact]
    public void The_packaged_example_is_still_right_with_its_comments_taken_off()
    {
        // A line "#key = value" or "#[table]" is an example; prose has a blank after the hash.
        var lines = File.ReadAllText(Repository.File("packaging/timesuite.toml")).Split('\n')
            .Select(line => line.Length > 1 && line[0] == '#' && line[1] != ' ' ? line[1..] : line);

        var config = Good(string.Join('\n', lines));

        Assert.Contains(config.Sources, source => source.Name == "ntp.example.net" && source.Prefer);
        Assert.Equal(new ClockConfig { Steerers = config.Clock.Steerers, Readers = config.Clock.Readers }, config.Clock);
        Assert.Equal(new SelectionConfig(), config.Selection);
    }

    private static SuiteConfig Good(string text)
    {
        var result = ConfigFile.Parse(text, "test.toml");
        Assert.Empty(result.Errors);
        return result.Value!;
    }
}
