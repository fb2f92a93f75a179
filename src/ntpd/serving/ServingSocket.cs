using TimeSuite.Linux;
using TimeSuite.Ntp;

namespace TimeSuite.Ntpd.Serving;

/// <summary>A socket that requests come to, and the replies from it whose transmit stamps are still to come.</summary>
/// <param name="socket">Where they come.</param>
/// <param name="isShared">Other threads have it too: then nobody knows whose reply a transmit stamp is of.</param>
internal sealed class ServingSocket(UdpSocket socket, bool isShared)
{
    private const int Remembered = 256; // a power of two, so that the numbers may wrap

    private readonly Departure[] _departures = isShared ? [] : new Departure[Remembered];

    public UdpSocket Socket => socket;

    public bool IsShared => isShared;

    public bool CanStamp => !isShared && socket.HasStamps;

    /// <param name="id">Of its transmit stamp.</param>
    /// <param name="response">What was sent.</param>
    /// <param name="wayIn">The interface that the request came by, if its hardware stamped it; else 0.</param>
    public void Remember(uint id, in Response response, int wayIn) => _departures[id % Remembered] = new(id, response, wayIn, IsAwaited: true);

    public bool TryRecall(uint id, out Response response, out int wayIn)
    {
        ref var departure = ref _departures[id % Remembered];
        (response, wayIn) = (departure.Response, departure.WayIn);
        bool found = departure.IsAwaited && departure.Id == id;
        departure = default;
        return found;
    }

    /// <summary>The numbers begin anew.</summary>
    public void Forget() => Array.Clear(_departures);

    private readonly record struct Departure(uint Id, Response Response, int WayIn, bool IsAwaited);
}
