using Grpc.Core;

namespace TimeSuite.Rpc;

/// <summary>Why another daemon of this host says nothing, in words for people: those of the library tell of a host and a port that nobody has configured.</summary>
public static class Silence
{
    /// <summary>What its answer was, or that there was none.</summary>
    /// <param name="daemon">Its name.</param>
    /// <param name="failure">What the call ended with.</param>
    public static string Reason(string daemon, Exception failure) => failure switch
    {
        RpcException { StatusCode: not (StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled or StatusCode.DeadlineExceeded) } answer => $"{daemon}: {answer.Status.Detail}",
        _ => $"{daemon} does not answer",
    };
}
