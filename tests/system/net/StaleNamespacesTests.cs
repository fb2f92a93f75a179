namespace TimeSuite.System.Tests.Net;

/// <summary>What a killed test run leaves behind.</summary>
public sealed class StaleNamespacesTests
{
    [Fact]
    public void Namespaces_of_processes_that_are_gone_are_stale_and_no_others()
    {
        const int neverUsed = int.MaxValue; // above any pid_max
        string list = $"timesuite-{neverUsed}-1-server (id: 3)\ntimesuite-{neverUsed}-2\ntimesuite-{Environment.ProcessId}-1\ntimesuite-names\nother-{neverUsed}-1\n\n";

        Assert.Equal([$"timesuite-{neverUsed}-1-server", $"timesuite-{neverUsed}-2"], StaleNamespaces.In(list));
    }
}
