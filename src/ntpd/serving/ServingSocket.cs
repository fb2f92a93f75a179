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

    public void Remember(uint id, in Response response) => _departures[id % Remembered] = new(id, response, IsAwaited: true);

    public bool TryRecall(uint id, out Response response)
    {
        ref var departure = ref _departures[id % Remembered];
        response = departure.Response;
        bool found = departure.IsAwaited && departure.Id == id;
        departure = default;
        return found;
    }

    /// <summary>The numbers begin anew.</summary>
    public void Forget() => Array.Clear(_departures);

    private readonly record struct Departure(uint Id, Response Response, bool IsAwaited);
}
