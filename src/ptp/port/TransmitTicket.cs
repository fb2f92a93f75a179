namespace TimeSuite.Ptp;

/// <summary>Comes back with the stamp of an event message that was sent; general messages have none.</summary>
/// <param name="Type">Of the message.</param>
/// <param name="Sequence">Of the message; with the type, enough for the stamps that can be under way.</param>
/// <param name="IsOneStep">No stamp comes back: the message says when it was sent, or the hardware writes it into it.</param>
/// <param name="IsUnicast">A Sync to one client alone: then the number is the port's own count of these, for each client has sequences of its own.</param>
public readonly record struct TransmitTicket(MessageType Type, ushort Sequence, bool IsOneStep = false, bool IsUnicast = false);
