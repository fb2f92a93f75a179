namespace TimeSuite.Simulation;

/// <summary>What each value for itself allows, and all of them together do not.</summary>
public static class SetupCheck
{
    /// <exception cref="FormatException">Two values of it contradict each other, or one can have no effect: which, and what would be right.</exception>
    public static void Check(this Setup setup)
    {
        Refuse(setup.Falsetickers > setup.Servers, $"falsetickers = {setup.Falsetickers}: expected at most as many as servers = {setup.Servers}");
        Refuse(setup.ServerStep != 0 && setup.SteppingServers > setup.Servers, $"stepping-servers = {setup.SteppingServers}: expected at most as many as servers = {setup.Servers}");
        Refuse(setup.ScoreFrom >= setup.Limit, $"from = {setup.ScoreFrom}: expected less than limit = {setup.Limit}, or nothing is scored");
        Refuse(setup.StartAt >= setup.Limit, $"limit = {setup.Limit}: expected more than {setup.StartAt}, when the daemons of this scenario start");
        Refuse(setup.RampTo < setup.RampFrom, $"ramp-to = {setup.RampTo}: expected no less than ramp-from = {setup.RampFrom}");
        Refuse(setup.CongestionLength > setup.CongestionPeriod, $"congestion-length = {setup.CongestionLength}: expected at most congestion-period = {setup.CongestionPeriod}");
        Refuse(setup.Sources is not null && !setup.Keys.Of("source").SequenceEqual(ConfigKeys.Chrony.Of("source")), $"poll, iburst, interleaved and source.KEY have no effect here: this scenario has [[source]] tables of its own (--toml shows them)");
        setup.ToConfig();
    }

    private static void Refuse(bool wrong, FormattableString why)
    {
        if (wrong)
        {
            throw new FormatException(FormattableString.Invariant(why));
        }
    }
}
