namespace TimeSuite.Linux;

/// <summary>What a descriptor is ready for. The values are those of epoll_ctl(2).</summary>
[Flags]
public enum PollReadiness
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Something to read, or to accept.</summary>
    Readable = 0x1,

    /// <summary>Room to write. Never asked for, so never reported.</summary>
    Writable = 0x4,

    /// <summary>An error waits, or for a <see cref="UdpSocket"/>: a transmit stamp.</summary>
    Error = 0x8,

    /// <summary>The other end is gone.</summary>
    HungUp = 0x10,
}

/// <summary>A descriptor that has something to say.</summary>
/// <param name="Token">What it was added with.</param>
/// <param name="Readiness">What it is ready for.</param>
public readonly record struct PollEvent(long Token, PollReadiness Readiness);
