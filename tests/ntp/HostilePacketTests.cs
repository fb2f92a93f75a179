using CsCheck;

namespace TimeSuite.Ntp.Tests;

/// <summary>Threats, rows 3, 22 and 24: what was not asked for changes counters only.</summary>
public sealed class HostilePacketTests
{
    private static readonly Refusal[] s_changeState = [Refusal.KissRate, Refusal.KissDenied, Refusal.LocalOrder, Refusal.DelayNegative, Refusal.DelayTooLong];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Random_datagrams_change_nothing(bool interleaved)
    {
        var client = Waiting(interleaved);
        var before = client.Association.Snapshot;

        Gen.Byte.Array[0, 2000].Sample(octets => Assert.NotNull(client.Hear(octets, at: 300.2).Refusal()), threads: 1, iter: 20_000);

        Assert.Equal(before, client.Association.Snapshot);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Good_replies_with_any_other_origin_change_nothing(bool interleaved)
    {
        var client = Waiting(interleaved);
        var before = client.Association.Snapshot;
        var reply = client.Reply(300.1, 300.1);

        Gen.ULong.Sample(
            origin => Assert.Equal(Refusal.BogusOrigin, client.Hear(reply with { Origin = new(origin) }, at: 300.2).Refusal()), threads: 1, iter: 20_000);

        Assert.Equal(before, client.Association.Snapshot);
    }

    /// <summary>On-path: the origin is right and anything else may be wrong. Then a refusal is either without effect or one of the few that say so.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Mutated_replies_change_something_only_when_they_are_good(bool interleaved)
    {
        var mutation = Gen.Select(Gen.Int[0, NtpHeader.Size - 1], Gen.Byte).Array[1, 6];
        var length = Gen.OneOf(Gen.Const(NtpHeader.Size), Gen.Int[0, NtpHeader.Size]);
        Gen.Select(mutation, length, Gen.Bool).Sample(
            (mutations, kept, ofReceive) =>
            {
                var client = Waiting(interleaved);
                var reply = client.Reply(300.1, 300.1);
                var octets = Client.Octets(interleaved && ofReceive ? reply with { Origin = client.Request.Receive, Transmit = At.Ntp(200.1) } : reply);
                foreach (var (index, flip) in mutations)
                {
                    octets[index] ^= flip;
                }

                var before = client.Association.Snapshot;
                var answer = client.Hear(octets[..kept], at: 300.2);

                if (answer.Refusal() is { } refusal && !s_changeState.Contains(refusal))
                {
                    Assert.Equal(before, client.Association.Snapshot);
                    Assert.Single(answer);
                }
            },
            threads: 1, iter: 20_000);
    }

    [Fact]
    public void A_flood_of_forgeries_makes_no_garbage()
    {
        var client = Waiting(interleaved: true);
        var forged = Client.Octets(client.Reply(300.1, 300.1) with { Origin = new(1) });
        client.Hear(forged, at: 300.2);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
        {
            client.Hear(forged, at: 300.2);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    /// <summary>A client with one request open at 300 s; if interleaved, with exchanges at 0, 100 and 200 s behind it.</summary>
    private static Client Waiting(bool interleaved)
    {
        var client = new Client(Client.Options with { Interleaved = interleaved });
        for (int at = 0; at <= 200; at += 100)
        {
            client.Ask(at);
            client.Hear(client.Reply(at + 0.1, at + 0.1), at + 0.2);
        }

        Assert.Equal(interleaved, client.Ask(at: 300).Receive.IsKnown);
        return client;
    }
}
