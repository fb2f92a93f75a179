using System.Globalization;
using System.Text.Json.Nodes;
using TimeSuite.Rpc.Ptp.V1;

namespace TimeSuite.Ctl;

/// <summary>The value is a number or a string.</summary>
internal sealed record PtpFieldJson(string Name, JsonNode Value)
{
    public static PtpFieldJson From(ManagedField field) =>
        new(field.Name, field.IsNumber && decimal.TryParse(field.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) ? number : field.Value);
}

internal sealed record PtpValuesJson(string Name, uint? Port, IReadOnlyList<PtpFieldJson> Fields);

/// <summary><c>timectl ptp get --json</c> and its like.</summary>
internal sealed record PtpManagedJson(IReadOnlyList<PtpValuesJson> Values)
{
    public static PtpManagedJson From(IReadOnlyList<ManagedReply> replies) => new([.. replies.SelectMany(reply => reply.Values.Select(values => new PtpValuesJson(
        reply.Name, values.Port == 0 ? null : values.Port, [.. values.Fields.Select(PtpFieldJson.From)])))]);
}
