using TimeSuite.Rpc.Ptp.V1;

namespace TimeSuite.Ctl;

internal sealed record PtpFieldJson(string Name, string Value);

internal sealed record PtpValuesJson(string Name, uint? Port, IReadOnlyList<PtpFieldJson> Fields);

/// <summary><c>timectl ptp get --json</c> and its like.</summary>
internal sealed record PtpManagedJson(IReadOnlyList<PtpValuesJson> Values)
{
    public static PtpManagedJson From(IReadOnlyList<ManagedReply> replies) => new([.. replies.SelectMany(reply => reply.Values.Select(values => new PtpValuesJson(
        reply.Name, values.Port == 0 ? null : values.Port, [.. values.Fields.Select(field => new PtpFieldJson(field.Name, field.Value))])))]);
}
