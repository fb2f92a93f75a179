namespace TimeSuite.Ntp.Tests;

/// <summary>The client's side of symmetric keys.</summary>
public sealed class AuthenticatedAssociationTests
{
    private static readonly SymmetricKey[] s_keys = [.. Enum.GetValues<MacAlgorithm>().Select(algorithm => A.Key(1 + (uint)algorithm, algorithm))];

    [Theory]
    [InlineData(MacAlgorithm.Aes128, 4, 68)]
    [InlineData(MacAlgorithm.Sha512, 4, 72)]
    [InlineData(MacAlgorithm.Sha512, 3, 116)]
    public void A_request_is_signed_and_a_server_with_the_key_answers_it(MacAlgorithm algorithm, int version, int length)
    {
        var key = s_keys[(int)algorithm];
        var client = new Client(Client.Options with { Version = version });
        client.Association.Key = key;
        var request = Assert.Single(client.Association.OnTimer(At.Raw(0)).OfType<AssociationAction.Send>()).Datagram.ToArray();
        Assert.Equal(length, request.Length);

        var service = new RequestService(new Responder(null)) { Policy = new() { Keys = new(s_keys) } };
        service.BeginBatch(A.State, At.Raw(0));
        byte[] reply = new byte[length];
        Assert.True(service.TryRespond(request, default, At.Ntp(0.1), reply, out var response));
        service.Depart(response, reply, At.Ntp(0.1));

        Assert.NotNull(client.Hear(reply[..response.Length], at: 0.2).Exchange());
    }

    /// <summary>Threat 2: each key with each source. Only the source's own is good.</summary>
    [Fact]
    public void Each_source_takes_replies_of_its_own_key_and_of_no_other()
    {
        foreach (var own in s_keys)
        {
            foreach (var used in s_keys)
            {
                var client = Asking(own);
                var before = client.Association.Snapshot;
                var answer = client.Hear(A.Signed(Client.Octets(client.Reply(0.1, 0.1)), used), at: 0.2);

                Assert.Equal(own == used ? null : Refusal.OtherKey, answer.Refusal());
                Assert.Equal(own == used, answer.Exchange() is not null);
                Assert.Equal(own == used, before != client.Association.Snapshot);
            }
        }
    }

    [Fact]
    public void Another_secret_under_the_same_number_is_found_out() =>
        RefusesUnchanged(Refusal.WrongMac, client => A.Signed(Client.Octets(client.Reply(0.1, 0.1)), new(s_keys[5].Id, MacAlgorithm.Aes128, new byte[16])));

    [Fact]
    public void A_reply_without_a_mac_is_refused() =>
        RefusesUnchanged(Refusal.Unsigned, client => Client.Octets(client.Reply(0.1, 0.1)));

    [Fact]
    public void A_mac_that_is_cut_or_long_is_refused()
    {
        RefusesUnchanged(Refusal.WrongMac, client => [.. Client.Octets(client.Reply(0.1, 0.1)), 0, 0, 0, (byte)s_keys[5].Id, .. new byte[20]]);
        RefusesUnchanged(Refusal.Unsigned, client => A.Signed(Client.Octets(client.Reply(0.1, 0.1)), s_keys[5])[..^4]);
    }

    /// <summary>Threat 29: whoever sends it, it ends nothing and delays nothing.</summary>
    [Fact]
    public void A_crypto_nak_is_counted_and_nothing_else() =>
        RefusesUnchanged(Refusal.CryptoNak, client => [.. Client.Octets(client.Reply(0.1, 0.1)), 0, 0, 0, 0]);

    [Theory]
    [InlineData(KissCode.Deny)]
    [InlineData(KissCode.Rate)]
    public void A_kiss_that_is_not_signed_is_nobodys(KissCode code) =>
        RefusesUnchanged(Refusal.Unsigned, client => Client.Octets(Kiss(client, code)));

    [Fact]
    public void A_kiss_that_is_signed_is_heeded()
    {
        var client = Asking(s_keys[5]);

        Assert.Equal(Refusal.KissDenied, client.Hear(A.Signed(Client.Octets(Kiss(client, KissCode.Deny)), s_keys[5]), at: 0.2).Refusal());
        Assert.Equal(KissCode.Deny, client.Association.GivenUp);
    }

    /// <summary>Threat 3: a bad MAC changes no state; the good reply is still taken afterwards.</summary>
    private static void RefusesUnchanged(Refusal expected, Func<Client, byte[]> forge)
    {
        var client = Asking(s_keys[5]);
        var before = client.Association.Snapshot;

        Assert.Equal(expected, client.Hear(forge(client), at: 0.2).Refusal());
        Assert.Equal(before, client.Association.Snapshot);
        Assert.NotNull(client.Hear(A.Signed(Client.Octets(client.Reply(0.1, 0.1)), s_keys[5]), at: 0.2).Exchange());
    }

    private static NtpHeader Kiss(Client client, KissCode code) => client.Reply(0.1, 0.1) with { Stratum = 0, ReferenceId = new((uint)code) };

    private static Client Asking(SymmetricKey key)
    {
        var client = new Client();
        client.Association.Key = key;
        client.Ask(at: 0);
        return client;
    }
}
