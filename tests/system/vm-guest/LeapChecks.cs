using System.Globalization;
using TimeSuite.Linux;
using TimeSuite.Time;
using static TimeSuite.Linux.Timex;

namespace TimeSuite.System.VmGuest;

/// <summary>A day that ends with a leap second, by a table that was made up for it.</summary>
internal static class LeapChecks
{
    private const string Table = "/tmp/leap-seconds.list";
    private const long SecondsFrom1900To1970 = ((70L * 365) + 17) * 86_400;

    public static IEnumerable<(string Name, Action Run)> All =>
    [
        (nameof(A_leap_second_is_inserted_by_the_kernel_and_nothing_else_moves), A_leap_second_is_inserted_by_the_kernel_and_nothing_else_moves),
        (nameof(In_mode_step_ntpd_makes_the_leap_second), In_mode_step_ntpd_makes_the_leap_second),
    ];

    private static void A_leap_second_is_inserted_by_the_kernel_and_nothing_else_moves()
    {
        using var pair = BeginBeforeMidnight("");
        var armed = GuestClock.Read();
        Check.That((armed.status & (STA_INS | STA_UNSYNC)) == STA_INS && armed.tai == 37, $"status {armed.status:x}, TAI-UTC {armed.tai}; {pair.Logs}");
        int noticed = pair.Noticed;
        PassMidnight(pair);
        Check.That(pair.Steps == 1 && pair.Machine.Ntpd.Count("refused") == 0, pair.Logs);
        Check.That(pair.Noticed == noticed, "the kernel's leap second is nobody's step");
    }

    private static void In_mode_step_ntpd_makes_the_leap_second()
    {
        using var pair = BeginBeforeMidnight("""
            mode = "step"
            [clock]
            later-steps-per-day = 1
            max-later-step = "1 s"
            """);
        var unarmed = GuestClock.Read();
        Check.That((unarmed.status & (STA_INS | STA_UNSYNC)) == 0, $"status {unarmed.status:x}");
        PassMidnight(pair);
        Check.That(pair.Steps == 2 && pair.Machine.Ntpd.Count("refused") == 0, pair.Logs);
    }

    /// <summary>Synchronised, ten seconds before midnight.</summary>
    private static Pair BeginBeforeMidnight(string leap)
    {
        GuestClock.Reset();
        GuestClock.SetBeforeMidnight(45);
        long midnight = GuestClock.Midnight + SecondsFrom1900To1970;
        File.WriteAllText(Table, string.Create(CultureInfo.InvariantCulture, $"#@ {midnight + 10_000_000}\n3692217600 37\n{midnight} 38\n"));
        var pair = Pair.Start("50ms", forBoth: $"""
            [leap]
            file = "{Table}"

            """, forMachine: leap);
        GuestClock.Sleep(Duration.FromSeconds(GuestClock.Midnight - 10) - Clocks.Realtime().SinceEpoch);
        return pair;
    }

    /// <summary>Looks until half a minute after the leap second, but not in it: clock and reference leap within milliseconds of each other.</summary>
    private static void PassMidnight(Pair pair)
    {
        var before = pair.StaysRight(9);
        GuestClock.Sleep(Duration.FromSeconds(2.5));
        var after = pair.StaysRight(30);
        Check.Near(Duration.FromSeconds(-1L), after[^1].AheadOfRaw - before[0].AheadOfRaw, Duration.FromSeconds(0.005), "the clock against the raw one");
        var timex = GuestClock.Read();
        Check.That((timex.status & (STA_INS | STA_UNSYNC)) == 0 && timex.tai == 38, $"status {timex.status:x}, TAI-UTC {timex.tai}; {pair.Logs}");
        var page = pair.Machine.Page;
        Check.That(page is { TaiOffset: 38, Leap: LeapSecond.None }, $"the page: TAI-UTC {page.TaiOffset}, {page.Leap}");
    }
}
