using Spectre.Console;
using Spectre.Console.Rendering;
using TimeSuite.Rpc.Ptp.V1;

namespace TimeSuite.Ctl;

/// <summary>Fields by their names, one group for the clock or for each port.</summary>
internal static class PtpManagementViews
{
    public static IRenderable Values(IReadOnlyList<ManagedReply> replies)
    {
        var rows = new List<IRenderable>();
        foreach (var (reply, values) in replies.SelectMany(reply => reply.Values.Select(values => (reply, values))))
        {
            if (rows.Count > 0)
            {
                rows.Add(Text.Empty);
            }

            string whose = values.Port == 0 ? "" : Units.Invariant($", port {values.Port}");
            rows.Add(new Text(Safe.Text(reply.Name) + whose, new Style(decoration: Decoration.Bold)));
            rows.Add(Tables.Facts(values.Fields.Select(field => (Safe.Text(field.Name), Safe.Text(field.Value)))));
        }

        return new Rows(rows);
    }
}
