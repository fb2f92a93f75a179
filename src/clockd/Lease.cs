namespace TimeSuite.Clockd;

/// <summary>The right to steer: one live Steer call. Its identity is the object.</summary>
/// <param name="holder">E.g. <c>uid 997 pid 1234 (ntpd 0.1)</c>.</param>
/// <param name="abort">Aborts the call; does not wait for it.</param>
public sealed class Lease(string holder, Action abort)
{
    private volatile bool _isOver;

    public string Holder => holder;

    /// <summary>Whether clockd took the lease away.</summary>
    public bool IsOver => _isOver;

    internal void End()
    {
        _isOver = true;
        abort();
    }
}
