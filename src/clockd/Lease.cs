namespace TimeSuite.Clockd;

/// <summary>The right to steer: one live Steer call. Its identity is the object.</summary>
public sealed class Lease(string holder, Action abort)
{
    public string Holder => holder;

    /// <summary>Whether clockd took the lease away.</summary>
    public bool IsOver { get; private set; }

    internal void End()
    {
        IsOver = true;
        abort();
    }
}
