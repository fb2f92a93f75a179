using Grpc.Core;
using TimeSuite.Ntpd.Clock;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Rpc.Ntp.V1;

namespace TimeSuite.Ntpd.Service;

/// <summary>Whether clockd answers, found out when somebody wants to know: at rest nothing is said to it for half a minute, and a hanging one would not show.</summary>
/// <remarks>Safe from any thread. However many ask, clockd is asked at most once a second.</remarks>
internal sealed class ClockdPulse(ClockLink link)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _asking = new();
    private Task<bool> _answer = Task.FromResult(true);
    private long _askedAt = Environment.TickCount64 - (long)Patience.TotalMilliseconds;

    /// <summary>Takes back what the loop believes of clockd, if it does not answer now.</summary>
    public async Task<Tracking> CheckAsync(Tracking tracking)
    {
        if (tracking.ClockdConnected && !await AnswersAsync())
        {
            tracking.ClockdConnected = false;
            tracking.Explanation = $"{tracking.Explanation}; the clock is not steered: {ClockLink.NoAnswer}";
        }

        return tracking;
    }

    private Task<bool> AnswersAsync()
    {
        lock (_asking)
        {
            long now = Environment.TickCount64;
            if (_answer.IsCompleted && now - _askedAt >= Patience.TotalMilliseconds)
            {
                (_answer, _askedAt) = (AskAsync(), now);
            }

            return _answer;
        }
    }

    private async Task<bool> AskAsync()
    {
        try
        {
            await link.Client.DescribeAsync(new DescribeRequest(), deadline: DateTime.UtcNow + Patience);
            return true;
        }
        catch (RpcException failure) when (failure.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            link.TrySend(new SteerRequest { Renew = new Renew() }); // whose answer is missed in the log, too
            return false;
        }
        catch (Exception exception) when (exception is RpcException or IOException)
        {
            return true; // somebody said no
        }
    }
}
