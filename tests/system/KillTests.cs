using System.Text.RegularExpressions;
using TimeSuite.System.Tests.Suite;
using TimeSuite.Time;
using Xunit.Abstractions;

namespace TimeSuite.System.Tests;

/// <summary>kill -9 at random moments.</summary>
[Collection(Alone.Name)]
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private const int Kills = 100, KillsBetweenLooks = 10;
    private static readonly TimeSpan s_back = TimeSpan.FromSeconds(10), s_synchronized = TimeSpan.FromSeconds(30), s_look = TimeSpan.FromSeconds(1);
    private static readonly Duration s_right = Duration.FromNanoseconds(200_000);

    private readonly Scene _scene = new(output);

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task After_each_of_100_kills_the_daemons_are_back_within_10_s_and_the_clock_makes_no_step()
    {
        var chance = new Random(20_261_123);
        var reference = _scene.AddReference(out int port);
        var client = _scene.Add("client", Scene.Source(port).Replace("min-poll = -2", "min-poll = -4", StringComparison.Ordinal), "--shadow-offset", "50ms", "--shadow-frequency", "30ppm");
        client.Start();
        await client.IsSynchronizedAsync(s_synchronized);

        var longest = TimeSpan.Zero;
        int lost = 0; // times that a living ntpd saw clockd die
        List<int> orphaned = []; // process ids of ntpd whose lease a living clockd saw end
        using var continuity = new Continuity(client.Page);
        for (int kill = 1; kill <= Kills; kill++)
        {
            await Task.Delay(chance.Next(250));
            int victim = chance.Next(5);
            bool killsNtpd = victim is 0 or 1 or 4, killsClockd = victim is 2 or 3 or 4;
            if (killsNtpd)
            {
                orphaned.AddRange(killsClockd ? [] : [client.Ntpd.Pid]);
                client.Ntpd.Kill();
            }

            lost += killsClockd && !killsNtpd ? 1 : 0;
            if (killsClockd)
            {
                client.Clockd.Kill();
                client.StartClockd();
            }

            if (killsNtpd)
            {
                client.StartNtpd();
            }

            var took = await client.IsSteeredAsync(s_back);
            longest = took > longest ? took : longest;
            if (kill % KillsBetweenLooks == 0)
            {
                await client.IsSynchronizedAsync(s_back);
                var error = await TrueError.OverAsync(client, reference, s_look);
                Assert.True(error.Largest < s_right, $"after kill {kill} the clock is {error.Largest} wrong");
            }
        }

        continuity.Dispose();
        _scene.Say($"the longest absence was {longest.TotalSeconds:F2} s; the clock was looked at {continuity.Readings} times");
        Assert.Null(continuity.Complaint);
        Assert.True(continuity.Readings > 1000, $"{continuity.Readings} readings");

        string clockd = client.LogOf("clockd");
        Assert.All(orphaned, pid => Assert.Matches($@"uid \d+ pid {pid} .*: the lease is over: the call ended", clockd));
        int losses = Regex.Count(client.LogOf("ntpd"), "Cannot steer the clock");
        Assert.True(losses >= lost, $"ntpd names {losses} of {lost} losses of clockd");
        int openings = Regex.Count(client.LogOf("ntpd"), "Steering the clock through ");
        Assert.True(openings > Kills, $"after {Kills} kills ntpd names {openings} new beginnings");
        Assert.DoesNotContain("   at ", clockd + client.LogOf("ntpd"), StringComparison.Ordinal); // no stack
    }
}
