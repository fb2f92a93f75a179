using Grpc.Core;
using Grpc.Net.Client;
using TimeSuite.Rpc;
using TimeSuite.Rpc.Clock.V1;
using TimeSuite.Rpc.Ntp.V1;
using TimeSuite.Rpc.Nts.V1;
using TimeSuite.Rpc.Ptp.V1;
using NtpStatus = TimeSuite.Rpc.Ntp.V1.Status;

namespace TimeSuite.Ctl;

/// <summary>One socket of one daemon.</summary>
/// <param name="Daemon">Its name.</param>
/// <param name="Path">Of the socket.</param>
/// <param name="IsForAll">Whether everybody may connect.</param>
internal sealed record DaemonSocket(string Daemon, string Path, bool IsForAll)
{
    /// <summary>Its systemd unit.</summary>
    public string Unit => $"timesuite-{Daemon}";
}

/// <summary>The suite's sockets below one runtime directory. Nothing is connected before it is called.</summary>
internal sealed class Daemons : IDisposable
{
    /// <summary>A call that takes longer hangs: every answer is ready in the daemon's memory.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly DaemonSocket _statusSocket;
    private readonly DaemonSocket _controlSocket;
    private readonly DaemonSocket _clockSocket;
    private readonly Lazy<GrpcChannel> _status;
    private readonly Lazy<GrpcChannel> _control;
    private readonly Lazy<GrpcChannel> _clock;
    private readonly DaemonSocket _keysStatusSocket, _keysControlSocket;
    private readonly Lazy<GrpcChannel> _keysStatus, _keysControl;
    private readonly DaemonSocket _ptpSocket, _ptpControlSocket;
    private readonly Lazy<GrpcChannel> _ptp, _ptpControl;

    public Daemons(string runtimeDirectory)
    {
        _statusSocket = new("ntpd", Path.Combine(runtimeDirectory, "ntpd/status.sock"), IsForAll: true);
        _controlSocket = new("ntpd", Path.Combine(runtimeDirectory, "ntpd/ntpd.sock"), IsForAll: false);
        _clockSocket = new("clockd", Path.Combine(runtimeDirectory, "clockd/clockd.sock"), IsForAll: false);
        _status = new(() => UnixChannel.Open(_statusSocket.Path));
        _control = new(() => UnixChannel.Open(_controlSocket.Path));
        _clock = new(() => UnixChannel.Open(_clockSocket.Path));
        _keysStatusSocket = new("ntskeyd", Path.Combine(runtimeDirectory, "ntskeyd/status.sock"), IsForAll: true);
        _keysControlSocket = new("ntskeyd", Path.Combine(runtimeDirectory, "ntskeyd/ntskeyd.sock"), IsForAll: false);
        _keysStatus = new(() => UnixChannel.Open(_keysStatusSocket.Path));
        _keysControl = new(() => UnixChannel.Open(_keysControlSocket.Path));
        _ptpSocket = new("ptpd", Path.Combine(runtimeDirectory, "ptpd/status.sock"), IsForAll: true);
        _ptp = new(() => UnixChannel.Open(_ptpSocket.Path));
        _ptpControlSocket = new("ptpd", Path.Combine(runtimeDirectory, "ptpd/ptpd.sock"), IsForAll: false);
        _ptpControl = new(() => UnixChannel.Open(_ptpControlSocket.Path));
    }

    /// <summary>Asks ntpd's status socket.</summary>
    /// <exception cref="CtlException">No answer, or a refusal.</exception>
    public Task<T> AskAsync<T>(Func<NtpStatus.StatusClient, CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancel) =>
        CallAsync(new NtpStatus.StatusClient(_status.Value), call, _statusSocket, cancel);

    /// <summary>Tells ntpd's control socket to do something.</summary>
    /// <exception cref="CtlException">No answer, or a refusal.</exception>
    public Task<T> ControlAsync<T>(Func<Control.ControlClient, CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancel) =>
        CallAsync(new Control.ControlClient(_control.Value), call, _controlSocket, cancel);

    /// <summary>Talks to clockd itself.</summary>
    /// <exception cref="CtlException">No answer, or a refusal.</exception>
    public Task<T> ClockAsync<T>(Func<Clock.ClockClient, CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancel) =>
        CallAsync(new Clock.ClockClient(_clock.Value), call, _clockSocket, cancel);

    /// <summary>Asks ntskeyd's status socket.</summary>
    /// <exception cref="CtlException">No answer, or a refusal.</exception>
    public Task<T> AskKeysAsync<T>(Func<NtsStatus.NtsStatusClient, CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancel) =>
        CallAsync(new NtsStatus.NtsStatusClient(_keysStatus.Value), call, _keysStatusSocket, cancel);

    /// <summary>Asks ptpd's status socket.</summary>
    /// <exception cref="CtlException">No answer, or a refusal.</exception>
    public Task<T> AskPtpAsync<T>(Func<Ptp.PtpClient, CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancel) =>
        CallAsync(new Ptp.PtpClient(_ptp.Value), call, _ptpSocket, cancel);

    /// <summary>Asks ptpd's status socket for what management reads.</summary>
    /// <exception cref="CtlException">No answer, or a refusal.</exception>
    public Task<T> AskPtpManagementAsync<T>(Func<PtpManagement.PtpManagementClient, CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancel) =>
        CallAsync(new PtpManagement.PtpManagementClient(_ptp.Value), call, _ptpSocket, cancel);

    /// <summary>Tells ptpd's control socket to change something.</summary>
    /// <exception cref="CtlException">No answer, or a refusal.</exception>
    public Task<T> ControlPtpAsync<T>(Func<PtpControl.PtpControlClient, CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancel) =>
        CallAsync(new PtpControl.PtpControlClient(_ptpControl.Value), call, _ptpControlSocket, cancel);

    /// <summary>Tells ntskeyd's control socket to do something.</summary>
    /// <exception cref="CtlException">No answer, or a refusal.</exception>
    public Task<T> ControlKeysAsync<T>(Func<NtsControl.NtsControlClient, CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancel) =>
        CallAsync(new NtsControl.NtsControlClient(_keysControl.Value), call, _keysControlSocket, cancel);

    /// <summary>Snapshots, for as long as ntpd sends them.</summary>
    /// <exception cref="CtlException">No answer, or a refusal.</exception>
    public async IAsyncEnumerable<Snapshot> WatchAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        using var call = new NtpStatus.StatusClient(_status.Value).Watch(new WatchStatusRequest(), cancellationToken: cancel);
        while (await NextAsync(call.ResponseStream, cancel))
        {
            yield return call.ResponseStream.Current;
        }
    }

    public void Dispose()
    {
        foreach (var channel in new[] { _status, _control, _clock, _keysStatus, _keysControl, _ptp, _ptpControl }.Where(channel => channel.IsValueCreated))
        {
            channel.Value.Dispose();
        }
    }

    private async Task<bool> NextAsync(IAsyncStreamReader<Snapshot> stream, CancellationToken cancel)
    {
        try
        {
            return await stream.MoveNext(cancel);
        }
        catch (RpcException failure)
        {
            cancel.ThrowIfCancellationRequested();
            throw Failure.Of(failure, _statusSocket);
        }
    }

    private static async Task<T> CallAsync<TClient, T>(
        TClient client, Func<TClient, CallOptions, AsyncUnaryCall<T>> call, DaemonSocket socket, CancellationToken cancel)
    {
        try
        {
            using var running = call(client, new CallOptions(deadline: DateTime.UtcNow + Patience, cancellationToken: cancel));
            return await running.ResponseAsync;
        }
        catch (RpcException failure)
        {
            cancel.ThrowIfCancellationRequested();
            throw Failure.Of(failure, socket);
        }
    }
}
