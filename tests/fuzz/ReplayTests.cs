using TimeSuite.Ntp;

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

        // The engine's own are not met here, nor those of NTS, which these services do not have.
        Assert.DoesNotContain(
            Enum.GetValues<RequestVerdict>().Except([RequestVerdict.Truncated, RequestVerdict.NoTime, RequestVerdict.KissedNtsNak, RequestVerdict.NtsMalformed]),
            verdict => target.CountOf(verdict) == 0);
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

    [Fact]
    public void The_target_makes_no_garbage()
    {
        var target = new RequestTarget();
        byte[] request = new byte[48];
        request[0] = 0x23;
        target.Run(request);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
        {
            target.Run(request);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
