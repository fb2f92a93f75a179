using System.Net.Sockets;
using TimeSuite.Linux;
using TimeSuite.Lookup;
using TimeSuite.Time;

namespace TimeSuite.Lookupd;

/// <summary>Answers one question on each connection, on a thread that ends with it: at rest there is one thread, and it waits for the next connection.</summary>
/// <param name="listener">A listening Unix socket of type SOCK_SEQPACKET, in blocking mode.</param>
/// <param name="admits">Whether this user may ask.</param>
/// <param name="search">Searches for a name; may take long.</param>
/// <param name="readiness">Is told that we live, by the thread that takes connections.</param>
/// <param name="say">Takes a line for the log.</param>
internal sealed class LookupServer(Socket listener, Func<uint, bool> admits, Func<LookupQuestion, LookupAnswer> search, Readiness readiness, Action<string> say)
{
    /// <summary>Questions of one user at the same time. More are turned away unread.</summary>
    public const int PlacesPerUser = 4;

    private const int StackSize = 1 << 20; // address space; the resolver's modules are not written for little
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1); // for the question, once connected
    private static readonly Duration s_silence = Duration.FromSeconds(60L);

    private readonly Dictionary<uint, int> _running = [];
    private Instant<Raw>? _saidAt;

    /// <summary>Serves until the listener is closed.</summary>
    public void Run()
    {
        while (true)
        {
            Socket asking;
            try
            {
                int patience = readiness.WatchdogWait(wanted: null) is { } left ? (int)Math.Min(left.Nanoseconds / 1_000, int.MaxValue) : -1;
                if (!listener.Poll(patience, SelectMode.SelectRead))
                {
                    continue;
                }

                asking = listener.Accept();
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.ConnectionAborted)
            {
                Say($"a connection could not be taken: {exception.Message}");
                Thread.Sleep(100); // it stays in the queue
                continue;
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;
            }

            uint user = PeerCredentials.Of(asking).Uid;
            if (!admits(user))
            {
                Say($"user {user} may not ask");
                asking.Dispose();
            }
            else if (!TryEnter(user))
            {
                Say($"user {user} asks more than {PlacesPerUser} questions at a time");
                asking.Dispose();
            }
            else
            {
                new Thread(() => Answer(asking, user), StackSize) { IsBackground = true }.Start();
            }
        }
    }

    private void Answer(Socket asking, uint user)
    {
        try
        {
            using (asking)
            {
                Converse(asking);
            }
        }
        catch (SocketException)
        {
            // Said nothing in time, or is gone.
        }
        finally
        {
            lock (_running)
            {
                _running[user]--;
            }
        }
    }

    private void Converse(Socket asking)
    {
        asking.ReceiveTimeout = (int)s_patience.TotalMilliseconds;
        Span<byte> message = stackalloc byte[LookupQuestion.Size + 1]; // one more than a question has, or a longer one would look like one
        int length = asking.Receive(message);
        if (length == 0)
        {
            return;
        }

        var late = Clocks.Raw();
        var answer = LookupAnswer.Without(LookupStatus.Refused);
        if (LookupQuestion.TryParse(message[..length], out var question))
        {
            late += question.Patience;
            answer = search(question);
            if (Clocks.Raw() > late)
            {
                return; // nobody waits any more
            }
        }

        Span<byte> reply = stackalloc byte[LookupAnswer.Size];
        answer.Write(reply);
        asking.Blocking = false; // the socket's buffer holds it; who has filled that gets none
        asking.Send(reply);
    }

    private bool TryEnter(uint user)
    {
        lock (_running)
        {
            int own = _running.GetValueOrDefault(user);
            _running[user] = own < PlacesPerUser ? own + 1 : own;
            return own < PlacesPerUser;
        }
    }

    /// <summary>At most a line a minute: whoever is turned away could make as many as they like.</summary>
    private void Say(string line)
    {
        var now = Clocks.Raw();
        if (_saidAt is not { } last || now - last >= s_silence)
        {
            _saidAt = now;
            say(line);
        }
    }
}
