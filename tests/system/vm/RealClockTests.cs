namespace TimeSuite.System.Tests.Vm;

/// <summary>The real clock, in a virtual machine that may lose it. Each check is a method of tests/system/vm-guest.</summary>
[Collection(VirtualMachine.Collection)]
public sealed class RealClockTests(VirtualMachine machine) : IClassFixture<VirtualMachine>
{
    private static readonly string[] Names =
    [
        // KernelTraps: what adjtimex does on this kernel
        "An_offset_starts_with_the_next_second_and_a_quarter_goes_each_second",
        "The_largest_offset_runs_at_an_eighth_at_first",
        "The_offset_read_back_leaves_out_the_running_second",
        "A_new_offset_replaces_the_old_one",
        "Offset_zero_with_the_loop_on_cancels_from_the_next_second",
        "Without_the_loop_an_offset_succeeds_and_does_nothing",
        "A_status_without_the_loop_drops_nanoseconds",
        "Tai_and_time_constant_share_a_field",
        "Tai_may_be_any_number",
        "A_step_drops_the_slew_and_the_synchronisation",
        "The_maximum_error_grows_by_500_ppm_and_ends_the_synchronisation",

        // KernelClockChecks: what our clock makes of it
        "The_frequency_is_what_was_asked_for",
        "A_slew_that_nobody_watches_stops_where_it_should",
        "A_long_slew_goes_on_only_while_it_is_renewed",
        "A_slew_that_is_ended_ends_with_the_second",
        "An_announcement_leaves_the_slew_alone",
        "A_step_is_exact_and_leaves_the_status_as_it_was",
        "A_step_and_only_a_step_rings_the_alarm",
        "A_loop_that_somebody_stopped_is_noticed_and_cancels_the_slew",
        "A_tick_that_somebody_left_behind_is_put_right",
        "Without_the_capability_the_kernel_refuses",
        "A_second_is_inserted_at_the_end_of_the_day",
        "A_second_is_deleted_at_the_end_of_the_day",
        "A_leap_second_survives_a_step_before_it",
        "A_leap_second_that_is_taken_back_does_not_come",
        "The_hardware_clock_follows_a_synchronised_clock",

        // ClockdChecks: clockd itself, through its socket
        "A_clock_below_the_floor_is_raised_when_clockd_starts",
        "The_frequency_that_clockd_accepts_is_the_kernels",
        "A_slew_outlives_a_killed_clockd_and_stops_where_it_should",
        "A_clockd_that_comes_back_ends_a_slew_that_nobody_claims",
        "End_slews_ends_what_a_killed_clockd_left",
        "A_holder_that_leaves_takes_its_slew_along",
        "A_holder_that_falls_silent_loses_lease_and_slew",
        "Steps_are_free_until_the_first_synchronisation_and_then_by_permit",
        "A_killed_clockd_hands_out_no_new_permit",
        "What_is_announced_is_what_programs_read_from_the_kernel",
        "What_policy_forbids_changes_nothing",
        "A_leap_second_goes_through_clockd_to_the_kernel_and_is_over_after_midnight",
        "Somebody_who_stops_the_loop_is_noticed",
        "A_stranger_is_not_heard",

        // NtpdChecks: ntpd and clockd against a reference, and what disturbs them
        "The_clock_is_stepped_at_the_start_and_then_kept_within_its_bound",
        "Somebody_elses_step_is_noticed_and_slewed_back_within_policy",
        "A_killed_ntpd_leaves_no_slew_and_the_next_one_goes_on",
        "Somebody_elses_step_beyond_policy_is_not_called_synchronised",
        "Where_policy_allows_somebody_elses_steps_are_stepped_back",
        "A_suspended_machine_is_believed_again_only_when_it_was_measured_anew",
        "A_leap_second_is_inserted_by_the_kernel_and_nothing_else_moves",
        "In_mode_step_ntpd_makes_the_leap_second",

        // vrf.sh: not the clock, but the kernel
        "A_server_of_a_vrf_answers_in_it",
        "A_server_of_a_vrf_is_silent_outside_of_it",

        // PhcChecks: hardware clocks as the kernel gives them (tests/system/ptp-lab)
        "A_hardware_clock_is_read_in_each_of_three_ways",
        "Readings_that_are_held_up_or_refused_are_not_taken",
        "A_step_and_a_frequency_of_a_hardware_clock_are_what_was_asked_for",
        "A_clock_that_was_opened_for_reading_cannot_be_set",
        "A_clock_that_is_unplugged_is_found_again_by_its_name",
        "Filters_are_widened_and_never_narrowed",

        // PtpChecks: the same, with the daemons, against ptp4l
        "A_clock_that_is_25_ppm_wrong_follows_ptp4l",
        "It_follows_by_peer_delays_on_Ethernet_too",
        "Ptp4l_follows_a_clock_that_follows_the_systems",
        "Lost_and_late_stamps_and_a_flapping_link_are_survived",
        "A_clock_that_is_unplugged_is_adopted_again",
        "The_systems_clock_follows_the_hardware_clock_and_only_clockd_may_write_it",
        "A_boundary_clock_keeps_its_two_hardware_clocks_together",
        "Syncs_go_in_one_step_where_the_hardware_can_and_not_at_all_where_it_cannot",
        "A_grandmaster_serves_the_time_of_a_pulse_that_comes_into_its_card",
        "A_transparent_clock_with_one_clock_for_both_ports_is_stamped_by_it",
        "A_grandmaster_that_loses_transmit_stamps_goes_on_and_one_that_gets_none_says_so",

        // NtpHardwareChecks: hardware clocks and hardware stamps in ntpd
        "Ntp_by_stamps_of_the_hardware_beats_the_kernels",
        "Stamps_of_the_hardware_at_one_end_alone_are_off_by_what_the_kernel_takes_and_within_the_bound",
        "The_systems_clock_follows_a_hardware_clock_that_ptp4l_sets",
    ];

    public static TheoryData<string> Checks => new(Names);

    [Theory]
    [MemberData(nameof(Checks))]
    public void On_a_real_kernel(string check)
    {
        Assert.True(machine.Checks.TryGetValue(check, out string? seen), $"the guest says nothing of it; the consoles:\n{string.Join('\n', machine.Outputs)}");
        Assert.True(seen is null, seen);
    }

    [Fact]
    public void The_guest_ran_to_its_end_and_every_check_of_its_is_listed_here()
    {
        Assert.All(machine.Outputs, output => Assert.Contains("guest exit 0", output, StringComparison.Ordinal));
        Assert.Equal(Names.Order(StringComparer.Ordinal), machine.Checks.Keys.Order(StringComparer.Ordinal));
    }
}
