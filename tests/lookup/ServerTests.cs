using System.Net.Sockets;
using TimeSuite.Linux;
using TimeSuite.Lookupd;
using TimeSuite.Time;

namespace TimeSuite.Lookup.Tests;

public sealed class ServerTests : IDisposable
{
    private static readonly LookupAnswer s_one = new(LookupStatus.Found, [new(false, 0xC000_0201, 0)]);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lookup");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
    private readonly List<string> _said = [];
    private readonly SemaphoreSlim _found = new(0);
    private int _searching;

    public ServerTests()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder.FullName, "socket")));
        _listener.Listen(64);
    }

    public void Dispose()
    {
        _found.Release(100);
        _listener.Dispose();
        _found.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void A_question_is_answered()
    {
        Start(user => user == Users.Own, _ => s_one);
        using var asking = Ask("time.example");

        Assert.Equal(s_one.Addresses, Answer(asking)!.Addresses);
    }

    [Fact]
    public void What_is_no_question_is_refused_and_the_next_one_answered()
    {
        Start(_ => true, _ => s_one);
        foreach (int length in (int[])[1, LookupQuestion.Size - 1, LookupQuestion.Size, LookupQuestion.Size + 1, 60_000])
        {
            using var asking = Connect();
            asking.Send(new byte[length]);
            Assert.Equal(LookupStatus.Refused, Answer(asking)!.Status);
        }

        using var silent = Connect(); // says nothing, goes
        silent.Dispose();
        using var right = Ask("time.example");
        Assert.Equal(LookupStatus.Found, Answer(right)!.Status);
    }

    [Fact]
    public void A_stranger_gets_nothing_and_there_is_one_line_about_it()
    {
        Start(_ => false, _ => s_one);
        for (int i = 0; i < 100; i++)
        {
            using var asking = Connect();
            Assert.Null(Answer(asking));
        }

        Assert.Single(_said);
    }

    [Fact]
    public void Whoever_asks_too_much_at_a_time_is_turned_away_and_later_answered()
    {
        Start(_ => true, _ => Wait());
        var first = Enumerable.Range(0, LookupServer.PlacesPerUser).Select(_ => Ask("slow.example")).ToList();
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref _searching) == LookupServer.PlacesPerUser, TimeSpan.FromSeconds(20)));
        using (var more = Connect())
        {
            Assert.Null(Answer(more));
        }

        _found.Release(LookupServer.PlacesPerUser);
        first.ForEach(asking => Assert.Equal(LookupStatus.Found, Answer(asking)!.Status));
        first.ForEach(asking => asking.Dispose());
        _found.Release(100);
        Assert.True(SpinWait.SpinUntil(() =>
        {
            using var later = Ask("time.example");
            return Answer(later) is { Status: LookupStatus.Found };
        }, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void An_answer_after_the_deadline_is_not_sent()
    {
        Start(_ => true, _ => Wait());
        using var asking = Ask("slow.example", Duration.FromNanoseconds(20_000_000));
        Thread.Sleep(100);
        _found.Release();

        Assert.Null(Answer(asking));
    }

    private LookupAnswer Wait()
    {
        Interlocked.Increment(ref _searching);
        _found.Wait();
        return s_one;
    }

    private void Start(Func<uint, bool> admits, Func<LookupQuestion, LookupAnswer> search) =>
        new Thread(new LookupServer(_listener, admits, search, new Readiness(socket: null, watchdogInterval: null), _said.Add).Run) { IsBackground = true }.Start();

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified) { ReceiveTimeout = 20_000 };
        socket.Connect(new UnixDomainSocketEndPoint(Path.Combine(_folder.FullName, "socket")));
        return socket;
    }

    private Socket Ask(string name, Duration? patience = null)
    {
        var socket = Connect();
        byte[] question = new byte[LookupQuestion.Size];
        Assert.True(new LookupQuestion(name, LookupFamily.Any, patience ?? Duration.FromSeconds(30L)).TryWrite(question));
        socket.Send(question);
        return socket;
    }

    /// <returns>Null if the other side hung up.</returns>
    private static LookupAnswer? Answer(Socket socket)
    {
        byte[] reply = new byte[LookupAnswer.Size + 1];
        try
        {
            int length = socket.Receive(reply);
            return length == 0 ? null : LookupAnswer.TryParse(reply.AsSpan(0, length), out var answer) ? answer : throw new InvalidDataException("no answer");
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            return null;
        }
    }
}
