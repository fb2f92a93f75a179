using TimeSuite.Host;

namespace TimeSuite.Ntskeyd.Tests;

/// <summary>What each daemon says at its start of a profile that is not in force, by files made up.</summary>
public sealed class AppArmorProfileTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("profile-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("proc/self/attr/apparmor/current")]
    [InlineData("proc/self/attr/current")] // before Linux 5.8
    public void A_profile_that_is_there_and_not_in_force_is_said(string state)
    {
        Write(state, "unconfined\n");
        Write("sys/module/apparmor/parameters/enabled", "Y\n");
        Write("etc/apparmor.d/timesuite-ntskeyd", "");

        Assert.StartsWith("NOT CONFINED by AppArmor: /etc/apparmor.d/timesuite-ntskeyd is there, but not in force", AppArmorProfile.Fault("ntskeyd", _root, "0123"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("timesuite-ntskeyd (enforce)", "Y", "timesuite-ntskeyd", "0123")]
    [InlineData(null, "Y", "timesuite-ntskeyd", "0123")] // no AppArmor
    [InlineData("unconfined", "N", "timesuite-ntskeyd", "0123")]
    [InlineData("unconfined", null, "timesuite-ntskeyd", "0123")]
    [InlineData("unconfined", "Y", "timesuite-ntpd", "0123")] // another's
    [InlineData("unconfined", "Y", "timesuite-ntskeyd", "")] // by hand
    public void Where_all_is_well_or_there_is_no_profile_nothing_is_said(string? state, string? enabled, string profile, string invocation)
    {
        Write("proc/self/attr/apparmor/current", state);
        Write("sys/module/apparmor/parameters/enabled", enabled);
        Write("etc/apparmor.d/" + profile, "");

        Assert.Null(AppArmorProfile.Fault("ntskeyd", _root, invocation));
    }

    private void Write(string path, string? text)
    {
        if (text is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_root, path))!);
            File.WriteAllText(Path.Combine(_root, path), text + "\n");
        }
    }
}
