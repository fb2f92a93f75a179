namespace TimeSuite.Ptp;

/// <summary>One side of the comparison of masters: what an Announce said and how it came, or what this instance would say (IEEE 1588-2019 table 26).</summary>
public readonly record struct Candidate
{
    public byte Priority1 { get; init; }

    public ClockIdentity Grandmaster { get; init; }

    public ClockQuality Quality { get; init; }

    public byte Priority2 { get; init; }

    /// <summary>This host's own preference among ports; G.8275 alone looks at it.</summary>
    public byte LocalPriority { get; init; }

    public ushort StepsRemoved { get; init; }

    /// <summary>Who sent the Announce; for this instance itself, port 0 of it.</summary>
    public PortIdentity Sender { get; init; }

    /// <summary>The port of ours that received it.</summary>
    public PortIdentity Receiver { get; init; }

    /// <summary>The time that this candidate would bring.</summary>
    public TimeProperties Time { get; init; }

    /// <summary>What an Announce says, received on <paramref name="receiver"/>.</summary>
    public static Candidate Of(in PtpHeader header, in AnnounceBody body, PortIdentity receiver, byte localPriority) => new()
    {
        Priority1 = body.Priority1, Grandmaster = body.Grandmaster, Quality = body.Quality, Priority2 = body.Priority2, LocalPriority = localPriority,
        StepsRemoved = body.StepsRemoved, Sender = header.Source, Receiver = receiver, Time = TimeProperties.Of(header, body),
    };

    /// <summary>This instance as a grandmaster: D0.</summary>
    public static Candidate Of(DefaultDataSet own, TimeProperties time) => new()
    {
        Priority1 = own.Priority1, Grandmaster = own.Identity, Quality = own.Quality, Priority2 = own.Priority2, LocalPriority = own.LocalPriority,
        StepsRemoved = 0, Sender = new(own.Identity, 0), Receiver = new(own.Identity, 0), Time = time,
    };
}
