using CsCheck;

namespace TimeSuite.Ptp.Tests;

public sealed class DataSetComparisonTests
{
    private static readonly Candidate Base = new()
    {
        Priority1 = 128, Grandmaster = new(100), Quality = new(248, ClockAccuracy.Within1Us, 500), Priority2 = 128, LocalPriority = 128,
        StepsRemoved = 2, Sender = new(new(50), 1), Receiver = new(new(60), 1),
    };

    private static readonly Candidate OtherMaster = Base with { Grandmaster = new(101) };

    public static TheoryData<Candidate> WorseByOneClaim =>
    [
        OtherMaster,
        OtherMaster with { Priority2 = 127, Quality = new(248, ClockAccuracy.Within1Us, 501) },
        OtherMaster with { Priority2 = 127, Quality = new(248, ClockAccuracy.Within2500Ns, 1) },
        OtherMaster with { Priority2 = 127, Quality = new(249, ClockAccuracy.Within25Ns, 1) },
        OtherMaster with { Priority1 = 129, Priority2 = 127, Quality = new(6, ClockAccuracy.Within25Ns, 1) },
        OtherMaster with { Priority2 = 129, Grandmaster = new(99) },
    ];

    [Theory]
    [MemberData(nameof(WorseByOneClaim))]
    public void An_earlier_claim_decides_whatever_the_later_ones_say(Candidate worse)
    {
        Assert.Equal(Preference.First, DataSetComparison.Compare(Base, worse, ComparisonRule.Ieee1588));
        Assert.Equal(Preference.Second, DataSetComparison.Compare(worse, Base, ComparisonRule.Ieee1588));
    }

    [Fact]
    public void Telecom_profiles_leave_priority_1_out_and_ask_the_local_priority_last()
    {
        Assert.Equal(Preference.First, DataSetComparison.Compare(Base, OtherMaster with { Priority1 = 1 }, ComparisonRule.G8275));
        Assert.Equal(Preference.Second, DataSetComparison.Compare(Base, OtherMaster with { LocalPriority = 127 }, ComparisonRule.G8275));
        Assert.Equal(Preference.First, DataSetComparison.Compare(Base, OtherMaster with { LocalPriority = 127, Priority2 = 129 }, ComparisonRule.G8275));
    }

    [Fact]
    public void For_frequency_the_class_decides_and_then_the_order_of_this_host()
    {
        Assert.Equal(Preference.First, DataSetComparison.Compare(Base with { LocalPriority = 1 }, OtherMaster with { LocalPriority = 2, Priority1 = 1, Priority2 = 1, StepsRemoved = 0 }, ComparisonRule.G8265));
        Assert.Equal(Preference.Second, DataSetComparison.Compare(Base with { LocalPriority = 1 }, OtherMaster with { LocalPriority = 2, Quality = Base.Quality with { Class = 84 } }, ComparisonRule.G8265));
    }

    [Fact]
    public void Telecom_profiles_tell_clocks_with_a_reference_apart_by_the_way_to_them()
    {
        var near = OtherMaster with { Quality = Base.Quality with { Class = 6 }, StepsRemoved = 0 };
        var far = Base with { Quality = Base.Quality with { Class = 6 }, StepsRemoved = 2 };

        Assert.Equal(Preference.First, DataSetComparison.Compare(near, far, ComparisonRule.G8275));
        Assert.Equal(Preference.Second, DataSetComparison.Compare(near, far, ComparisonRule.Ieee1588)); // its identity is the higher one
    }

    [Theory]
    [InlineData(0, 2, 60, 50, Preference.First)] // two steps nearer
    [InlineData(1, 2, 60, 50, Preference.FirstByTopology)] // one step, and the far one's receiver is above its sender
    [InlineData(1, 2, 40, 50, Preference.First)] // ... below it
    [InlineData(1, 2, 50, 50, Preference.None)] // ... is its sender: our own message
    public void The_way_to_one_grandmaster_decides_by_figure_35(int steps, int far, ulong receiver, ulong sender, Preference expected)
    {
        var first = Base with { StepsRemoved = (ushort)steps };
        var second = Base with { StepsRemoved = (ushort)far, Receiver = new(new(receiver), 1), Sender = new(new(sender), 1) };

        Assert.Equal(expected, DataSetComparison.Compare(first, second, ComparisonRule.Ieee1588));
        Assert.Equal(Mirror(expected), DataSetComparison.Compare(second, first, ComparisonRule.Ieee1588));
    }

    [Fact]
    public void At_equal_distance_the_lower_sender_and_then_the_lower_port_of_ours_is_better_by_topology()
    {
        Assert.Equal(Preference.FirstByTopology, DataSetComparison.Compare(Base, Base with { Sender = new(new(50), 2) }, ComparisonRule.Ieee1588));
        Assert.Equal(Preference.SecondByTopology, DataSetComparison.Compare(Base, Base with { Sender = new(new(49), 9) }, ComparisonRule.Ieee1588));
        Assert.Equal(Preference.FirstByTopology, DataSetComparison.Compare(Base, Base with { Receiver = new(new(60), 2) }, ComparisonRule.Ieee1588));
        Assert.Equal(Preference.None, DataSetComparison.Compare(Base, Base, ComparisonRule.Ieee1588));
    }

    [Fact]
    public void What_is_better_one_way_round_is_worse_the_other() =>
        Gen.Select(Some, Some, Gen.Bool).Sample((a, b, telecom) =>
        {
            var rule = telecom ? ComparisonRule.G8275 : ComparisonRule.Ieee1588;
            Assert.Equal(Mirror(DataSetComparison.Compare(a, b, rule)), DataSetComparison.Compare(b, a, rule));
        });

    private static Gen<Candidate> Some { get; } = Gen.Select(Gen.Byte[0, 1], Gen.ULong[0, 2], Gen.Byte[126, 129], Gen.UShort[0, 3], Gen.ULong[0, 2], Gen.UShort[1, 2]).Select(
        (priority, grandmaster, clockClass, steps, sender, port) => Base with
        {
            Priority1 = priority, Priority2 = priority, LocalPriority = priority, Grandmaster = new(grandmaster), Quality = new(clockClass, ClockAccuracy.Unknown, 0),
            StepsRemoved = steps, Sender = new(new(sender), port), Receiver = new(new(1), port),
        });

    private static Preference Mirror(Preference preference) => preference switch
    {
        Preference.First => Preference.Second,
        Preference.FirstByTopology => Preference.SecondByTopology,
        Preference.SecondByTopology => Preference.FirstByTopology,
        Preference.Second => Preference.First,
        _ => preference,
    };
}
