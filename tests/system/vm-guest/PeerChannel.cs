using System.Net.Sockets;
using System.Runtime.InteropServices;
using Grpc.Net.Client;

namespace TimeSuite.System.VmGuest;

/// <summary>gRPC over a Unix socket as another user: the kernel notes the user of the thread that connects.</summary>
internal static class PeerChannel
{
    private const int SysSetresuid = 117; // x86-64
    private const int Unchanged = -1;

    public static GrpcChannel Open(string path, int user)
    {
        var handler = new SocketsHttpHandler { ConnectCallback = (_, _) => new ValueTask<Stream>(Connect(path, user)), UseProxy = false };
        return GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
    }

    private static NetworkStream Connect(string path, int user)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            // The bare system call changes this thread alone; the C library's function would change them all.
            _ = Syscall(SysSetresuid, Unchanged, user, Unchanged);
            try
            {
                socket.Connect(new UnixDomainSocketEndPoint(path));
            }
            catch (SocketException refused)
            {
                failure = refused;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
        {
            socket.Dispose();
            throw failure;
        }

        return new NetworkStream(socket, ownsSocket: true);
    }

    [DllImport("libc", EntryPoint = "syscall")]
    private static extern nint Syscall(nint number, nint real, nint effective, nint saved);
}
