using CsCheck;

namespace TimeSuite.Config.Tests;

public sealed class MutationTests
{
    private const string Seed = """
        [clock]
        policy = "strict"
        lease = "10 s"
        steerers = ["a", "b"]
        [[source]]
        server = "ntp.example.net"
        min-poll = 6
        offset = -1.5e-3
        [[source]]
        pool = '2.debian.pool.ntp.org'
        [serve]
        listen = ["0.0.0.0:123", "[::]:123"]
        local = { stratum = 0x1 }
        [leap]
        mode = "system" # comment
        """;

    private static readonly string[] Pieces =
        ["\"", "'", "[", "]", "[[", "]]", "{", "}", "=", ".", ",", "#", "\n", "\r", "\0", "\"\"\"", "\\u", "\\UFFFFFFFF", "-", "1e999", "nan", "inf",
         "0x", "9999999999999999999999", "true", "1979-05-27", "source", "clock", "server", "\ud800", "\ufeff", "é", " s", " ppm"];

    private static readonly Gen<string> Mutated =
        Gen.Select(Gen.Int[0, Seed.Length], Gen.Int[0, 12], Gen.OneOf(Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]), Gen.String[0, 8]))
            .Array[1, 8]
            .Select(edits => edits.Aggregate(Seed, (text, edit) =>
            {
                int at = Math.Min(edit.Item1, text.Length);
                return text.Remove(at, Math.Min(edit.Item2, text.Length - at)).Insert(at, edit.Item3);
            }));

    [Fact]
    public void Parse_never_throws_and_never_answers_both_ways() => Mutated.Sample(
        text =>
        {
            var result = ConfigFile.Parse(text, "t");
            return (result.Value is null) == (result.Errors.Count > 0)
                && result.Errors.All(error => error.Line >= 1 && error.Column >= 1 && error.Message.Length > 0 && !error.Message.Any(char.IsControl));
        },
        iter: 20_000,
        seed: "0000Kf4cvTe1",
        threads: 1);

    [Fact]
    public void A_single_source_never_throws_either() => Mutated.Sample(
        text => (SourceToml.Parse(text).Value is null) == (SourceToml.Parse(text).Errors.Count > 0),
        iter: 2_000,
        threads: 1,
        seed: "0000Kf4cvTe1");

    [Fact]
    public void A_duration_is_read_as_it_was_written() =>
        Gen.Int[-1_000_000_000, 1_000_000_000].Sample(
            nanoseconds => Quantity.TryParseDuration(FormattableString.Invariant($"{nanoseconds / 1000m} us"), out var length)
                && length.Nanoseconds == nanoseconds,
            iter: 2_000,
            threads: 1,
            seed: "0000Kf4cvTe1");
}
