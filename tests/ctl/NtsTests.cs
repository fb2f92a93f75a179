using TimeSuite.Rpc.Nts.V1;

namespace TimeSuite.Ctl.Tests;

/// <summary>ntskeyd as timectl shows and controls it.</summary>
public sealed class NtsTests : IAsyncLifetime
{
    private readonly FakeSuite _suite = new();

    private string File => Path.Combine(_suite.RuntimeDirectory, "keys");

    public Task InitializeAsync() => _suite.InitializeAsync();

    public Task DisposeAsync() => _suite.DisposeAsync();

    [Theory]
    [InlineData("nts rotate", "cookies are sealed with key 000000ab from now on; earlier ones still open\n", """{"id":"000000ab"}""")]
    [InlineData("nts reload", "ntskeyd has read its configuration and certificates again\nlisten is read at the start only\n", """{"notes":["listen is read at the start only"]}""")]
    public async Task Each_verb_says_what_it_did_to_people_and_to_programs(string line, string text, string json)
    {
        Assert.Equal(text, (await _suite.TimectlAsync(line.Split(' '))).Out);
        Assert.Equal(json + "\n", (await _suite.TimectlAsync([.. line.Split(' '), "--json"])).Out);
    }

    [Fact]
    public async Task Status_names_addresses_certificates_and_what_became_of_connections()
    {
        _suite.State.Nts.Listening.Add("0.0.0.0:4460");
        _suite.State.Nts.Certificates.Add(Samples.Certificate(days: 100));
        _suite.State.Nts.Counts.Add([new NtsCount { Name = "served", Count = 5 }, new NtsCount { Name = "no-ntske", Count = 0 }]);

        var run = await _suite.TimectlAsync("nts");

        Assert.Contains("0.0.0.0:4460", run.Out, StringComparison.Ordinal);
        Assert.Contains("time.example 192.0.2.1 (ECDSA P-256, /etc/timesuite/chain.pem): valid for 100 d", run.Out, StringComparison.Ordinal);
        Assert.Contains("5 served", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("no-ntske", run.Out, StringComparison.Ordinal);
        Assert.Contains("\"names\":[\"time.example\",\"192.0.2.1\"]", (await _suite.TimectlAsync("nts", "--json")).Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, "valid for 100 d")]
    [InlineData(10, "expires in 10 d: renew it")]
    [InlineData(-1, "HAS EXPIRED")]
    public async Task The_state_of_the_clock_tells_how_long_certificates_are_valid(double days, string words)
    {
        _suite.State.Nts.Certificates.Add(Samples.Certificate(days));

        Assert.Contains(words, (await _suite.TimectlAsync("status")).Out, StringComparison.Ordinal);
        string json = (await _suite.TimectlAsync("status", "--json")).Out;
        double left = System.Text.Json.JsonDocument.Parse(json).RootElement.GetProperty("nts_certificate_left_s").GetDouble();
        Assert.InRange(left, (days * 86_400) - 60, (days * 86_400) + 60);
    }

    [Fact]
    public async Task Without_certificates_or_without_ntskeyd_the_state_of_the_clock_says_nothing_of_them()
    {
        Assert.DoesNotContain("Certificate", (await _suite.TimectlAsync("status")).Out, StringComparison.Ordinal);
        System.IO.File.Delete(Path.Combine(_suite.RuntimeDirectory, "ntskeyd/status.sock"));
        var run = await _suite.TimectlAsync("status");

        Assert.Equal(ExitCode.Done, run.Code);
        Assert.DoesNotContain("Certificate", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_listed_by_id_use_and_age_and_nothing_secret()
    {
        _suite.State.Nts.Keys.Add(
        [
            new CookieKeyAge { Id = 3, Age = Samples.Time(-86_400) },
            new CookieKeyAge { Id = 0xABCD, Age = Samples.Time(3_600), Seals = true },
            new CookieKeyAge { Id = 1, Age = Samples.Time(864_000) },
        ]);

        var run = await _suite.TimectlAsync("nts", "keys");

        Assert.Equal(
            ["Id Use Age", "00000003 next in 24 h", "0000abcd seals 60 min", "00000001 still opens 10 d"],
            run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
        Assert.Contains("""{"id":"0000abcd","age_s":3600,"seals":true}""", (await _suite.TimectlAsync("nts", "keys", "--json")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exported_keys_are_for_their_owner_only_and_can_be_imported()
    {
        Assert.Equal(ExitCode.Done, (await _suite.TimectlAsync("nts", "export", File)).Code);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));

        Assert.Equal(ExitCode.Done, (await _suite.TimectlAsync("nts", "import", File)).Code);
        Assert.Equal(Samples.Keys(), _suite.State.Asked[^1]);
    }

    [Fact]
    public async Task An_export_replaces_no_file_and_then_asks_for_nothing()
    {
        await System.IO.File.WriteAllTextAsync(File, "precious");

        var run = await _suite.TimectlAsync("nts", "export", File);

        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains("is there already", run.Error, StringComparison.Ordinal);
        Assert.Equal("precious", await System.IO.File.ReadAllTextAsync(File));
        Assert.Empty(_suite.State.Asked);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(100_000)]
    public async Task What_is_no_export_is_not_imported(int length)
    {
        await System.IO.File.WriteAllBytesAsync(File, [.. Enumerable.Repeat((byte)0xFF, length)]);

        var run = await _suite.TimectlAsync("nts", "import", File);

        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains("is no file of timectl nts export", run.Error, StringComparison.Ordinal);
        Assert.Empty(_suite.State.Asked);
    }

    /// <summary>Threat 60: cut between two keys it would otherwise pass for one with fewer.</summary>
    [Fact]
    public async Task An_export_that_is_cut_or_changed_anywhere_is_not_imported()
    {
        await _suite.TimectlAsync("nts", "export", File);
        byte[] whole = await System.IO.File.ReadAllBytesAsync(File);
        Assert.True(KeysFile.TryRead(whole, out _));
        for (int cut = 0; cut < whole.Length; cut++)
        {
            byte[] changed = [.. whole];
            changed[cut] ^= 1;
            Assert.False(KeysFile.TryRead(whole.AsSpan(0, cut), out _));
            Assert.False(KeysFile.TryRead(changed, out _));
        }

        await System.IO.File.WriteAllBytesAsync(File, whole[..^1]);
        Assert.Contains("or not all of one", (await _suite.TimectlAsync("nts", "import", File)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_control_ntskeyd_is_told_whom_to_run_as()
    {
        _suite.State.AdmitsToControl = false;

        var run = await _suite.TimectlAsync("nts", "rotate");

        Assert.Equal(ExitCode.NotPermitted, run.Code);
        Assert.Contains("run timectl as root", run.Error, StringComparison.Ordinal);
    }
}
