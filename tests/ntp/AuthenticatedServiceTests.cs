using System.Buffers.Binary;

namespace TimeSuite.Ntp.Tests;

/// <summary>The server's side of symmetric keys.</summary>
public sealed class AuthenticatedServiceTests
{
    private static readonly SymmetricKey[] s_keys = [.. Enum.GetValues<MacAlgorithm>().Select(algorithm => A.Key(1 + (uint)algorithm, algorithm))];

    private readonly RequestService _service = new(new Responder(new TransmitMemory(4)), new ClientTable(4, 99)) { Policy = new() { Keys = new(s_keys) } };
    private readonly byte[] _reply = new byte[2048];

    public AuthenticatedServiceTests() => _service.BeginBatch(A.State, At.Raw(0));

    public static TheoryData<MacAlgorithm, int> Cases
    {
        get
        {
            var cases = new TheoryData<MacAlgorithm, int>();
            foreach (var algorithm in Enum.GetValues<MacAlgorithm>())
            {
                cases.Add(algorithm, 3);
                cases.Add(algorithm, 4);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_signed_request_gets_a_reply_signed_by_the_same_key_and_of_the_same_length(MacAlgorithm algorithm, int version)
    {
        var key = s_keys[(int)algorithm];
        byte[] request = A.Signed(A.Request(version), key, version);

        Assert.Equal(RequestVerdict.Answered, _service.Verdict(request, _reply, out var response));
        _service.Depart(response, _reply, At.Ntp(11));

        Assert.Equal(request.Length, response.Length);
        Assert.Equal(key.Id, BinaryPrimitives.ReadUInt32BigEndian(_reply.AsSpan(48)));
        Assert.True(key.Verifies(_reply.AsSpan(0, 48), _reply.AsSpan(48, response.Length - 48)));
        Assert.True(NtpHeader.TryParse(_reply, out var header));
        Assert.Equal((0xABCDUL, At.Ntp(11)), (header.Origin.Bits, header.Transmit));
        Assert.Equal(1UL, _service.Counters.Authenticated);
    }

    [Fact]
    public void A_request_without_a_mac_gets_a_reply_without_one()
    {
        Assert.Equal(RequestVerdict.Answered, _service.Verdict(A.Request(), _reply, out var response));

        Assert.Equal((48, (SymmetricKey?)null), (response.Length, response.Key));
    }

    /// <summary>Threat 2: a key vouches for its own number and no other.</summary>
    [Fact]
    public void Each_key_under_each_number_is_right_only_under_its_own()
    {
        foreach (var key in s_keys)
        {
            foreach (var named in s_keys)
            {
                byte[] request = A.Signed(A.Request(), key);
                BinaryPrimitives.WriteUInt32BigEndian(request.AsSpan(48), named.Id);
                var expected = key == named ? RequestVerdict.Answered : key.MacSize(4) == named.MacSize(4) ? RequestVerdict.WrongMac : RequestVerdict.WrongMacLength;

                Assert.Equal(expected, _service.Verdict(request, _reply, out _));
            }
        }
    }

    [Fact]
    public void An_unknown_key_gets_silence_not_a_crypto_nak() =>
        Assert.Equal(RequestVerdict.UnknownKey, _service.Verdict(A.Signed(A.Request(), A.Key(99, MacAlgorithm.Sha256)), _reply, out _));

    [Fact]
    public void A_crypto_nak_gets_silence()
    {
        Assert.Equal(RequestVerdict.CryptoNak, _service.Verdict([.. A.Request(), 0, 0, 0, 0], _reply, out _));
        Assert.Equal(RequestVerdict.Malformed, _service.Verdict([.. A.Request(), 0, 0, 0, 1], _reply, out _));
    }

    [Fact]
    public void Every_length_of_digest_but_the_right_one_is_refused()
    {
        byte[] request = [.. A.Request(3), 0, 0, 0, 1 + (byte)MacAlgorithm.Sha256, .. new byte[80]];
        for (int length = 49; length <= request.Length; length++)
        {
            int digest = length - 52;
            var expected = digest is 16 or 20 or 24 or 28 or (> 32 and <= 64) && digest % 4 == 0 ? RequestVerdict.WrongMacLength
                : digest == 32 ? RequestVerdict.WrongMac : RequestVerdict.Malformed;
            Assert.Equal(expected, _service.Verdict(request.AsSpan(0, length), _reply, out _));
        }
    }

    [Fact]
    public void The_mac_vouches_for_the_extension_fields_too()
    {
        byte[] message = [.. A.Request(), .. A.Field(0x0104, 32)];
        byte[] request = A.Signed(message, s_keys[(int)MacAlgorithm.Aes128]);

        Assert.Equal(RequestVerdict.Answered, _service.Verdict(request, _reply, out var response));
        Assert.Equal(48 + 20, response.Length);
        request[60] ^= 1;
        Assert.Equal(RequestVerdict.WrongMac, _service.Verdict(request, _reply, out _));
    }

    [Fact]
    public void Two_that_ask_authentically_are_told_apart_from_others_in_the_log()
    {
        _service.Verdict(A.Signed(A.Request(), s_keys[5]), _reply, out _, ClientAddress.FromIpv4(1));
        _service.Verdict(A.Request(), _reply, out _, ClientAddress.FromIpv4(2));

        var log = new ClientRecord[16];
        Assert.Equal(2, _service.Clients!.CopyTo(log));
        Assert.Equal([true, false], log[..2].OrderBy(client => client.Network.Value).Select(client => client.Authenticated));
    }

    [Fact]
    public void A_kiss_to_who_asked_authentically_is_signed()
    {
        _service.Policy = _service.Policy with { Access = new([], AccessAction.Deny) };
        _service.BeginBatch(A.State, At.Raw(0));
        byte[] request = A.Signed(A.Request(), s_keys[0]);

        Assert.Equal(RequestVerdict.KissedDeny, _service.Verdict(request, _reply, out var response));
        _service.Depart(response, _reply, At.Ntp(11));

        Assert.True(s_keys[0].Verifies(_reply.AsSpan(0, 48), _reply.AsSpan(48, response.Length - 48)));
    }

    [Fact]
    public void Authenticated_service_makes_no_garbage()
    {
        byte[] good = A.Signed(A.Request(), s_keys[(int)MacAlgorithm.Aes128]);
        byte[] bad = [.. good];
        bad[20] ^= 1;
        Serve(good);
        Serve(bad);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            Serve(good);
            Serve(bad);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private void Serve(byte[] request)
    {
        if (_service.TryRespond(request, default, At.Ntp(10), _reply, out var response))
        {
            _service.Depart(response, _reply, At.Ntp(10));
        }
    }
}
