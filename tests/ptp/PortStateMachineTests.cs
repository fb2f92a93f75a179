namespace TimeSuite.Ptp.Tests;

public sealed class PortStateMachineTests
{
    private static readonly PortState[] Running = [PortState.Listening, PortState.PreMaster, PortState.Master, PortState.Passive, PortState.Uncalibrated, PortState.Slave];

    [Theory]
    [InlineData(PortState.Listening, PortEvent.RecommendSlave, PortState.Uncalibrated)]
    [InlineData(PortState.Uncalibrated, PortEvent.MasterClockSelected, PortState.Slave)]
    [InlineData(PortState.Slave, PortEvent.RecommendSlave, PortState.Slave)]
    [InlineData(PortState.Slave, PortEvent.RecommendSlaveOfNewMaster, PortState.Uncalibrated)]
    [InlineData(PortState.Slave, PortEvent.SynchronizationFault, PortState.Uncalibrated)]
    [InlineData(PortState.Slave, PortEvent.AnnounceReceiptTimeout, PortState.Master)]
    [InlineData(PortState.Listening, PortEvent.AnnounceReceiptTimeout, PortState.Master)]
    [InlineData(PortState.Listening, PortEvent.RecommendMaster, PortState.PreMaster)]
    [InlineData(PortState.PreMaster, PortEvent.QualificationTimeout, PortState.Master)]
    [InlineData(PortState.PreMaster, PortEvent.AnnounceReceiptTimeout, PortState.PreMaster)]
    [InlineData(PortState.Master, PortEvent.RecommendMaster, PortState.Master)]
    [InlineData(PortState.Master, PortEvent.RecommendSlave, PortState.Uncalibrated)]
    [InlineData(PortState.Master, PortEvent.RecommendPassive, PortState.Passive)]
    [InlineData(PortState.Initializing, PortEvent.InitializationDone, PortState.Listening)]
    [InlineData(PortState.Faulty, PortEvent.FaultCleared, PortState.Initializing)]
    [InlineData(PortState.Disabled, PortEvent.Enable, PortState.Initializing)]
    [InlineData(PortState.Disabled, PortEvent.FaultDetected, PortState.Disabled)]
    public void Each_arrow_of_figure_30_is_there(PortState from, PortEvent happened, PortState to) => Assert.Equal(to, from.Next(happened, slaveOnly: false));

    [Fact]
    public void A_slave_only_instance_is_never_master_whatever_happens()
    {
        foreach (var state in Running.Where(state => state is not (PortState.Master or PortState.PreMaster)))
        {
            foreach (var happened in Enum.GetValues<PortEvent>())
            {
                Assert.False(state.Next(happened, slaveOnly: true) is PortState.Master or PortState.PreMaster, $"{state} {happened}");
            }
        }
    }

    [Fact]
    public void A_port_that_does_not_run_is_moved_by_no_message()
    {
        foreach (var state in new[] { PortState.Initializing, PortState.Faulty, PortState.Disabled })
        {
            foreach (var happened in new[] { PortEvent.RecommendMaster, PortEvent.RecommendSlave, PortEvent.RecommendPassive, PortEvent.AnnounceReceiptTimeout, PortEvent.MasterClockSelected })
            {
                Assert.Equal(state, state.Next(happened, slaveOnly: false));
            }
        }
    }

    [Fact]
    public void Any_fault_stops_a_port_that_runs_and_any_disabling_disables_it()
    {
        foreach (var state in Running)
        {
            Assert.Equal(PortState.Faulty, state.Next(PortEvent.FaultDetected, slaveOnly: false));
            Assert.Equal(PortState.Disabled, state.Next(PortEvent.Disable, slaveOnly: false));
            Assert.Equal(PortState.Initializing, state.Next(PortEvent.Initialize, slaveOnly: false));
        }
    }
}
