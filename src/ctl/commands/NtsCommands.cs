using System.CommandLine;
using TimeSuite.Rpc.Nts.V1;

namespace TimeSuite.Ctl;

/// <summary>ntskeyd: what it serves, and the keys of cookies.</summary>
internal static class NtsCommands
{
    private const int LongestFile = 4_096; // octets; 16 keys have less than 1,000

    public static Command Nts(CommandBuilder build)
    {
        var written = new Argument<string>("FILE") { Description = "To be made, readable by its owner only." };
        var read = new Argument<string>("FILE") { Description = "As export wrote it on another server of the group." };
        return build.Command(
            "nts",
            "ntskeyd: where keys are exchanged, its certificates, what became of connections.",
            StatusAsync,
            build.Command("keys", "The keys that seal cookies: ids and ages.", KeysAsync),
            build.Command("rotate", "Seals cookies with a new key from now on.", RotateAsync),
            build.Command("reload", "Reads ntskeyd's configuration and certificates again.", ReloadAsync),
            build.Command("export", "Writes the keys of cookies to a file, for a server that shares them. For root.", (session, arguments, cancel) => ExportAsync(session, arguments.GetValue(written)!, cancel), written),
            build.Command("import", "Replaces the keys of cookies by those of a file. For root.", (session, arguments, cancel) => ImportAsync(session, arguments.GetValue(read)!, cancel), read));
    }

    private static async Task<int> StatusAsync(Session session, ParseResult arguments, CancellationToken cancel)
    {
        var reply = await session.Daemons.AskKeysAsync((ntskeyd, options) => ntskeyd.GetNtsStatusAsync(new(), options), cancel);
        session.Show(NtsJson.From(reply), CtlJson.Default.NtsJson, () => NtsViews.Status(reply));
        return ExitCode.Done;
    }

    private static async Task<int> KeysAsync(Session session, ParseResult arguments, CancellationToken cancel)
    {
        var reply = await session.Daemons.AskKeysAsync((ntskeyd, options) => ntskeyd.GetNtsStatusAsync(new(), options), cancel);
        session.Show(CookieKeysJson.From(reply), CtlJson.Default.CookieKeysJson, () => NtsViews.Keys(reply));
        return ExitCode.Done;
    }

    private static async Task<int> RotateAsync(Session session, ParseResult arguments, CancellationToken cancel)
    {
        var reply = await session.Daemons.ControlKeysAsync((ntskeyd, options) => ntskeyd.RotateAsync(new(), options), cancel);
        session.Tell(new RotatedJson(NtsViews.Id(reply.Id)), CtlJson.Default.RotatedJson, $"cookies are sealed with key {NtsViews.Id(reply.Id)} from now on; earlier ones still open");
        return ExitCode.Done;
    }

    private static async Task<int> ReloadAsync(Session session, ParseResult arguments, CancellationToken cancel)
    {
        var reply = await session.Daemons.ControlKeysAsync((ntskeyd, options) => ntskeyd.ReloadNtsAsync(new(), options), cancel);
        session.Tell(
            new NotesJson([.. reply.Notes]), CtlJson.Default.NotesJson, string.Join('\n', reply.Notes.Select(note => Safe.Text(note, 300)).Prepend("ntskeyd has read its configuration and certificates again")));
        return ExitCode.Done;
    }

    private static async Task<int> ExportAsync(Session session, string file, CancellationToken cancel)
    {
        if (File.Exists(file))
        {
            throw new CtlException($"{Safe.Text(file)} is there already: name another file, or remove it first", ExitCode.Failed); // before the keys are asked for: each asking is logged
        }

        var keys = await session.Daemons.ControlKeysAsync((ntskeyd, options) => ntskeyd.ExportKeysAsync(new(), options), cancel);
        try
        {
            await using var stream = new FileStream(file, new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            stream.Write(KeysFile.Write(keys));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CtlException($"the keys cannot be written: {exception.Message}", ExitCode.Failed);
        }

        session.Tell(
            new KeysCarriedJson((uint)keys.Keys.Count), CtlJson.Default.KeysCarriedJson,
            Units.Invariant($"{keys.Keys.Count} keys are in {Safe.Text(file)}: whoever reads it can read and make cookies; timectl nts import on the other server, then remove it"));
        return ExitCode.Done;
    }

    private static async Task<int> ImportAsync(Session session, string file, CancellationToken cancel)
    {
        var reply = await session.Daemons.ControlKeysAsync((ntskeyd, options) => ntskeyd.ImportKeysAsync(Read(file), options), cancel);
        session.Tell(new KeysCarriedJson(reply.Keys), CtlJson.Default.KeysCarriedJson, Units.Invariant($"{reply.Keys} keys are in force; cookies that only the keys before open are worth nothing now"));
        return ExitCode.Done;
    }

    private static CookieKeys Read(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            byte[] octets = new byte[LongestFile];
            int length = stream.ReadAtLeast(octets, LongestFile, throwOnEndOfStream: false);
            return length < LongestFile && KeysFile.TryRead(octets.AsSpan(0, length), out var keys) ? keys : throw new CtlException($"{Safe.Text(file)} is no file of timectl nts export, or not all of one", ExitCode.Failed);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CtlException($"the keys cannot be read: {exception.Message}", ExitCode.Failed);
        }
    }
}
