using TimeSuite.Time;

namespace TimeSuite.Ptpd.Tests;

public sealed class PortTroubleTests
{
    private readonly PortTrouble _trouble = new();
    private Instant<Boot> _now = new(Duration.FromSeconds(100L));

    [Fact]
    public void What_does_not_work_is_said_once_however_often_it_is_tried()
    {
        Assert.True(Stopped("no way out"));
        for (int i = 0; i < 3; i++)
        {
            Try();
            Assert.True(_trouble.IsOnTrial); // what the port does meanwhile is not said either
            Assert.False(Stopped("no way out"));
        }

        Try();
        Assert.True(Stopped("a rule forbids it"));
    }

    [Fact]
    public void Once_something_has_gone_out_it_works_and_the_same_trouble_would_be_news()
    {
        Stopped("no way out");
        Try();

        Assert.True(_trouble.Works());
        Assert.False(_trouble.Works());
        Assert.True(Stopped("no way out"));
    }

    [Fact]
    public void A_port_is_tried_again_after_a_while_and_not_while_it_is_open()
    {
        Stopped("no way out");

        Assert.Equal(_now + PortTrouble.RetryAfter, _trouble.Retry);
        _trouble.Begin();
        Assert.Null(_trouble.Retry);
    }

    [Fact]
    public void Where_there_is_nothing_to_be_tried_what_comes_next_is_a_start_like_any_other()
    {
        _trouble.Stopped("the interface is down", wasOpen: true, isUnusable: true, _now);

        Try();

        Assert.False(_trouble.IsOnTrial);
        Assert.Equal("not started", _trouble.Why); // nothing is the matter any more
    }

    private bool Stopped(string why) => _trouble.Stopped(why, wasOpen: true, isUnusable: false, _now);

    private void Try()
    {
        _now += PortTrouble.RetryAfter;
        _trouble.Begin();
        _trouble.Opened();
    }
}
