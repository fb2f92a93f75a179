using TimeSuite.Time;

namespace TimeSuite.Clockd;

/// <summary>At most ten lines a minute about refusals; the others are counted.</summary>
public sealed class RefusalLines
{
    private const int PerMinute = 10;

    private Instant<Boot> _since;
    private int _written, _silent;

    /// <summary>Whether a line may be written now, and how many were not since the last one.</summary>
    public bool MayWrite(Instant<Boot> now, out int silent)
    {
        if (now - _since >= Duration.FromSeconds(60L))
        {
            _since = now;
            _written = 0;
        }

        bool may = _written < PerMinute;
        silent = may ? _silent : 0;
        _silent = may ? 0 : _silent + 1;
        _written += may ? 1 : 0;
        return may;
    }
}
