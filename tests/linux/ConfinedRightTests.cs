using System.Net;

namespace TimeSuite.Linux.Tests;

public sealed class ConfinedRightTests
{
    [RootFact]
    public void Only_one_thread_has_what_is_confined_and_in_the_end_none() => OwnThread.Run(() =>
    {
        using var right = ConfinedRight.Take(Capabilities.NetBindService);

        Assert.True(right.IsHeld);
        Assert.False(MayBind());
        Assert.True(right.Run(MayBind));
        Assert.False(OfAThreadStartedHere());

        right.Dispose();
        Assert.False(right.IsHeld);
        Assert.False(right.Run(MayBind));
    });

    [RootFact]
    public void What_is_thrown_there_is_thrown_here() => OwnThread.Run(() =>
    {
        using var right = ConfinedRight.Take(Capabilities.NetBindService);

        Assert.Throws<InvalidDataException>(() => right.Run<bool>(() => throw new InvalidDataException()));
        Assert.True(right.Run(MayBind)); // and the thread lives on
    });

    [RootFact]
    public void A_port_below_1024_is_bound_with_it_and_refused_without() => OwnThread.Run(() =>
    {
        if (PrivilegedPorts.End <= 1)
        {
            return; // a container that lets everybody
        }

        int port = PrivilegedPorts.End - 1;
        var options = new UdpSocketOptions { Local = DatagramAddress.From(IPAddress.Parse("127.77.1.1"), port), Serves = true };
        using var right = ConfinedRight.Take(Capabilities.NetBindService);

        using (right.Run(() => UdpSocket.Open(options)))
        {
            right.Dispose();
        }

        Assert.Contains("Permission denied", Assert.Throws<System.ComponentModel.Win32Exception>(() => UdpSocket.Open(options)).Message, StringComparison.Ordinal);
    });

    [Fact]
    public void Who_has_nothing_to_confine_does_it_himself()
    {
        int caller = Environment.CurrentManagedThreadId;

        Assert.False(ConfinedRight.None.IsHeld);
        Assert.Equal(caller, ConfinedRight.None.Run(() => Environment.CurrentManagedThreadId));
    }

    private static bool MayBind() => Capabilities.Read().Has(Capabilities.NetBindService);

    private static bool OfAThreadStartedHere()
    {
        bool may = true;
        var thread = new Thread(() => may = MayBind());
        thread.Start();
        thread.Join();
        return may;
    }
}
