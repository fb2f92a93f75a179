using Grpc.Core;
using TimeSuite.Policy;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Time;

namespace TimeSuite.Clockd;

/// <summary>A clock that one holder at a time may steer, from Open to the end of the call.</summary>
public interface ILeasedClock
{
    /// <summary>Takes the lease.</summary>
    /// <exception cref="RpcException">FAILED_PRECONDITION: another holds it. UNAVAILABLE: the clock cannot be had.</exception>
    Lease Open(string who, Action abort);

    /// <summary>Does what the holder wishes, all of it or nothing; to wish for nothing renews the lease.</summary>
    /// <returns>ABORTED: the lease is over, and nothing was done.</returns>
    /// <exception cref="RpcException">UNAVAILABLE: the clock is gone.</exception>
    SteerReply Carry(Lease lease, Instant<Boot> notAfter, string verb, Wish wish);

    /// <summary>Refused before it came as far as policy.</summary>
    SteerReply Refuse(string who, string verb, string why, StatusCode code = StatusCode.PermissionDenied);

    /// <summary>The holder's call is over: nobody answers any more for what it had begun.</summary>
    void Close(Lease? lease);
}
