using TimeSuite.Ntp;
using TimeSuite.Nts;

namespace TimeSuite.Fuzz;

/// <summary>What the fuzzer found worth keeping, again at each test run: one input for each way through the step.</summary>
public sealed class ReplayTests
{
    private static readonly string s_corpus = Path.Combine(AppContext.BaseDirectory, "corpus", "requests");

    public static TheoryData<string> Requests => [.. Directory.EnumerateFiles(s_corpus).Select(file => Path.GetFileName(file)!).Order()];

    [Theory]
    [MemberData(nameof(Requests))]
    public void Every_request_of_the_corpus_is_borne(string file) => new RequestTarget().Run(File.ReadAllBytes(Path.Combine(s_corpus, file)));

    [Fact]
    public void Every_message_of_the_corpus_of_ptp_is_borne_and_goes_far_enough_to_be_answered_and_measured()
    {
        var target = new PtpTarget();
        Play("ptp", [], rounds: 50, input => target.Run(input));

        Assert.True(target.Sent > 100 && target.Measured > 10, $"{target.Sent} sent, {target.Measured} measured");
        Assert.DoesNotContain(Enum.GetValues<Ptp.Drop>().Except([Ptp.Drop.NoStamp, Ptp.Drop.NotAcceptable, Ptp.Drop.Unmatched, Ptp.Drop.TooOften, Ptp.Drop.TooShort, Ptp.Drop.NotAuthentic, Ptp.Drop.Replayed, Ptp.Drop.Jumped]), reason => target.Dropped(reason) == 0);
    }

    [Fact]
    public void Every_message_to_transparent_clocks_CSPTP_and_behind_seals_is_borne_and_goes_as_far_as_it_can()
    {
        var target = new PtpModesTarget();
        Play("ptp-modes", PtpModesTarget.Seeds, rounds: 20, input => target.Run(input));

        Assert.True(target.Passed > 100 && target.Measured > 10, $"{target.Passed} handed on, {target.Measured} measured");
        Ptp.Drop[] met = [Ptp.Drop.Malformed, Ptp.Drop.OtherSdo, Ptp.Drop.Loop, Ptp.Drop.NotNow, Ptp.Drop.Unmatched, Ptp.Drop.NotAuthentic, Ptp.Drop.Replayed, Ptp.Drop.TooShort, Ptp.Drop.Implausible];
        Assert.DoesNotContain(met, reason => target.Dropped(reason) == 0);
    }

    [Fact]
    public void Every_message_to_who_grants_and_who_asks_is_borne_and_goes_as_far_as_it_can()
    {
        var target = new PtpUnicastTarget();
        Play("ptp-unicast", PtpUnicastTarget.Seeds, rounds: 20, input => target.Run(input));

        Assert.True(target.Answers is { Granted: > 10, Denied: > 0 } && target is { WasGranted: true, WasChanged: true, HandedOn: > 10 }, $"{target.Answers}, {target.WasGranted}, {target.WasChanged}, {target.HandedOn}");
        Ptp.Drop[] met = [Ptp.Drop.Malformed, Ptp.Drop.OtherSdo, Ptp.Drop.NotNow, Ptp.Drop.Unmatched, Ptp.Drop.TooOften, Ptp.Drop.Implausible];
        Assert.DoesNotContain(met, reason => target.Dropped(reason) == 0);
    }

    private static void Play(string corpus, IEnumerable<byte[]> seeds, int rounds, Action<byte[]> run)
    {
        byte[][] inputs = [.. seeds, .. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "corpus", corpus)).Order().Select(File.ReadAllBytes)];
        for (int round = 0; round < rounds; round++)
        {
            Array.ForEach(inputs, run);
        }
    }

    [Fact]
    public void Every_input_of_the_corpus_of_NTS_is_borne_and_together_they_come_everywhere()
    {
        var target = new NtsTarget();
        foreach (byte[] seed in NtsTarget.Seeds)
        {
            target.Run(seed);
        }

        foreach (string file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "corpus", "nts")).Order())
        {
            target.Run(File.ReadAllBytes(file));
        }

        string[] outcomes = [.. Enum.GetValues<KeOutcome>().Except([KeOutcome.NoCookies]).Select(outcome => $"server {outcome}")];
        string[] ways = [.. outcomes, .. Enum.GetValues<KeArrival>().Select(arrival => $"message {arrival}"), "client has keys", "hidden cookies taken", "cookie opens", "file opens", "sessions read"];
        Assert.Empty(ways.Except(target.Counts.Keys).Except(["message TooLong"])); // the corpus has nothing of 16 KiB
    }

    [Fact]
    public void The_corpus_comes_to_every_verdict_that_one_datagram_can_come_to()
    {
        var target = new RequestTarget();
        foreach (string file in Directory.EnumerateFiles(s_corpus).Order())
        {
            byte[] request = File.ReadAllBytes(file);
            for (int i = 0; i < 20; i++)
            {
                target.Run(request); // often enough to be limited
            }
        }

        // The engine's own are not met here, nor is a server that waits for its keys.
        Assert.DoesNotContain(
            Enum.GetValues<RequestVerdict>().Except([RequestVerdict.Truncated, RequestVerdict.NoTime, RequestVerdict.ToMany, RequestVerdict.FromPortZero, RequestVerdict.NtsNoKeys]),
            verdict => target.CountOf(verdict) == 0);
        Assert.True(target.Sealed > 100, $"{target.Sealed} requests were opened by NTS");
    }

    /// <summary>Every length of datagram and every first octet, in full.</summary>
    [Fact]
    public void Every_length_with_every_first_octet_is_borne()
    {
        var target = new RequestTarget();
        byte[] datagram = new byte[160];
        for (int first = 0; first < 256; first++)
        {
            for (int length = 0; length <= datagram.Length; length++)
            {
                datagram[0] = (byte)first;
                target.Run(datagram.AsSpan(0, length));
            }
        }
    }

    [Theory]
    [InlineData(1500)]
    [InlineData(9000)]
    [InlineData(65_507)]
    public void Long_datagrams_are_borne(int length)
    {
        byte[] datagram = new byte[length];
        datagram[0] = 0x23;
        new RequestTarget().Run(datagram);
        datagram.AsSpan(48).Fill(0xFF);
        new RequestTarget().Run(datagram);
    }

    [Theory]
    [InlineData(NtsAead.AesSivCmac256)]
    [InlineData(NtsAead.AesSivCmac384)]
    [InlineData(NtsAead.AesSivCmac512)]
    [InlineData(NtsAead.Aes128GcmSiv)]
    public void Requests_that_a_client_of_NTS_would_send_are_opened_by_all_services(NtsAead aead)
    {
        var target = new RequestTarget();
        byte[] request = new byte[2_048];
        request[0] = 0x23;
        int length = new NtsFields().Protect(request, NtpHeader.Size, aead, idSize: 32, placeholders: 3, sealedSize: 8);

        target.Run(request.AsSpan(0, length));
        Assert.Equal(3UL, target.Sealed);
        request[5] ^= 1;
        target.Run(request.AsSpan(0, length));
        Assert.Equal((3UL, 3UL), (target.Sealed, target.CountOf(RequestVerdict.KissedNtsNak)));
    }

    [Fact]
    public void The_target_makes_no_garbage()
    {
        var target = new RequestTarget();
        byte[] request = new byte[48];
        request[0] = 0x23;
        target.Run(request);
        byte[] ofNts = new byte[512];
        ofNts[0] = 0x23;
        ofNts = ofNts[..new NtsFields().Protect(ofNts, NtpHeader.Size, NtsAead.AesSivCmac256, idSize: 32, placeholders: 1, sealedSize: 0)];
        target.Run(ofNts);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
        {
            target.Run(request);
            target.Run(ofNts);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
