namespace TimeSuite.Ntp.Tests;

/// <summary>Whole runs of client and server. What counts in each: no exchange is ever reported that did not take place so.</summary>
public sealed class LinkTests
{
    private static AssociationOptions Options => new()
    {
        Floor = At.Floor,
        MinPoll = At.Seconds(1),
        MaxPoll = At.Seconds(64),
        Interleaved = true,
        StampPatience = At.Seconds(0.005),
    };

    private static Responder Server => new(new TransmitMemory(10));

    [Fact]
    public void On_a_good_network_every_exchange_but_the_first_two_is_interleaved_and_exact()
    {
        var link = new Link(Options, Server);

        link.RunUntil(100);

        link.AssertTruth();
        Assert.Empty(link.Refused);
        // Our server remembers departures from the second request on; each is told one reply later.
        Assert.All(link.Measured.Skip(2), exchange => Assert.True(exchange.Interleaved));
        Assert.All(link.Measured.Skip(2), exchange => Assert.Equal(0.020, exchange.Delay.Seconds, precision: 9));
        // The basic ones blame the server's haste, from its look at the clock to the departure, on the network.
        Assert.All(link.Measured.Take(2), exchange => Assert.Equal(0.0202, exchange.Delay.Seconds, precision: 9));
        Assert.InRange(link.Measured.Count, link.Requests - 2, link.Requests);
    }

    [Theory]
    [InlineData(0, 0, 4)] // four copies of each reply
    [InlineData(0.3, 0, 1)]
    [InlineData(0.5, 0, 2)]
    [InlineData(0, 1.5, 1)] // replies overtake each other
    [InlineData(0.3, 1.5, 4)]
    public void A_bad_network_costs_samples_and_never_truth(double loss, double jitter, int copies)
    {
        for (int seed = 1; seed <= 5; seed++)
        {
            var link = new Link(Options, Server, seed) { Loss = loss, Jitter = jitter, Copies = copies, StampDelay = 0.002 };

            link.RunUntil(2000);

            link.AssertTruth();
            Assert.True(link.Measured.Count > 50, $"{link.Measured.Count} samples");
            Assert.Contains(link.Measured, exchange => exchange.Interleaved);
            Assert.All(link.Refused, refusal => Assert.True(refusal is Refusal.Duplicate or Refusal.BogusOrigin, refusal.ToString()));
        }
    }

    [Fact]
    public void A_server_without_memory_is_used_in_basic_mode()
    {
        var link = new Link(Options, new Responder(memory: null));

        link.RunUntil(100);

        link.AssertTruth();
        Assert.Equal(link.Requests, link.Measured.Count);
        Assert.DoesNotContain(link.Measured, exchange => exchange.Interleaved);
    }

    [Fact]
    public void A_server_that_restarts_without_its_memory_costs_no_more_than_two_samples()
    {
        var link = new Link(Options, Server);
        link.RunUntil(50);

        link.Server = Server;
        link.RunUntil(100);

        link.AssertTruth();
        Assert.Empty(link.Refused);
        Assert.InRange(link.Measured.Count, link.Requests - 4, link.Requests);
        Assert.True(link.Measured[^1].Interleaved);
    }

    [Fact]
    public void A_stranger_who_fills_the_servers_memory_only_takes_away_the_interleaving()
    {
        var crowded = new Responder(new TransmitMemory(0)); // one entry for all
        var link = new Link(Options, crowded);
        for (int second = 1; second < 100; second++)
        {
            link.RunUntil(second + 0.5);
            var request = Client.Octets(new() { Version = 4, Mode = NtpMode.Client, Origin = new(1), Transmit = new((ulong)second) });
            Assert.True(crowded.TryRespond(request, Served, At.Ntp(second + 0.5), request, out var response));
            crowded.Depart(response, request, At.Ntp(second + 0.5));
        }

        link.AssertTruth();
        Assert.Equal(link.Requests, link.Measured.Count);
    }

    [Fact]
    public void The_network_is_down_for_an_hour_and_the_samples_come_back()
    {
        var link = new Link(Options, Server);
        link.RunUntil(100);
        link.Loss = 1;
        link.RunUntil(3700);
        int before = link.Measured.Count;
        Assert.Equal(At.Seconds(64), link.Client.Poll);

        link.Loss = 0;
        link.RunUntil(3700 + 66 + 10);

        link.AssertTruth();
        Assert.True(link.Measured.Count >= before + 4);
        Assert.Equal(At.Seconds(1), link.Client.Poll);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_day_with_a_third_of_all_datagrams_lost_each_way(bool interleaved)
    {
        var options = new AssociationOptions { Floor = At.Floor, Interleaved = interleaved, StampPatience = At.Seconds(0.005) };
        var link = new Link(options, Server, seed: 7) { Loss = 1.0 / 3, Jitter = 0.02 };

        link.RunUntil(86_400);

        link.AssertTruth();
        Assert.Empty(link.Refused);
        // (2/3)^2 = 44 % of the requests are answered. In interleaved mode some answers only make up for lost ones.
        Assert.InRange((double)link.Measured.Count / link.Requests, interleaved ? 0.25 : 0.40, 0.50);
        // 64 s apart, some of them in bursts of eight after a silence; never more than twice the plain number.
        Assert.InRange(link.Requests, 86_400 / 70, 2 * 86_400 / 64);
    }

    /// <summary>Era 1 begins 2036-02-07T06:28:16Z = 2,085,978,496.</summary>
    [Theory]
    [InlineData(2_085_978_496 - 50)] // across the boundary
    [InlineData(2_085_978_496 - 100)] // ends just before it
    [InlineData(2_085_978_496)]
    [InlineData(4_102_444_800)] // 2100
    public void The_era_is_right_on_both_sides_of_2036(long epoch)
    {
        var link = new Link(Options, Server) { Epoch = new(Duration.FromSeconds(epoch)) };

        link.RunUntil(100);

        link.AssertTruth(); // compares with the truth in seconds since 1970
        Assert.True(link.Measured.Count > 90);
    }

    [Fact]
    public void The_year_2500_is_right_for_a_program_built_in_2450()
    {
        var link = new Link(Options with { Floor = new(Duration.FromSeconds(15_147_000_000L)) }, Server)
        {
            Epoch = new(Duration.FromSeconds(16_725_225_600L)), // 2500-01-01
        };

        link.RunUntil(100);

        link.AssertTruth();
        Assert.True(link.Measured.Count > 90);
    }

    private static ServerState Served => new() { Leap = LeapIndicator.None, Stratum = 1, Precision = -20 };
}
