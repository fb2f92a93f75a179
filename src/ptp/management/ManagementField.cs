namespace TimeSuite.Ptp;

/// <summary>A part of what a management id says.</summary>
/// <param name="Name">As pmc of linuxptp calls it; the standard's name in most.</param>
/// <param name="Value">As pmc writes it.</param>
/// <param name="IsNumber">It is a decimal number.</param>
public readonly record struct ManagementField(string Name, string Value, bool IsNumber = false);
