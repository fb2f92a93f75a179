using TimeSuite.Config;
using TimeSuite.Linux;

namespace TimeSuite.Clockd;

[Flags]
public enum Role
{
    None = 0,

    /// <summary>Describe and Watch.</summary>
    Reader = 1,

    /// <summary>Steer.</summary>
    Steerer = 2,

    /// <summary>PermitStep.</summary>
    Administrator = 4,
}

/// <summary>Who may do what, by user. Who is not in it and not in the group timesuite is not let in at all.</summary>
/// <param name="users">By uid.</param>
/// <param name="readers">Group whose members may read, if it exists.</param>
public sealed class Roles(IReadOnlyDictionary<uint, Role> users, uint? readers)
{
    private static readonly string[] s_daemons = ["timesuite-nts", "timesuite-ptp", "timesuite-fleet"];

    public uint? ReaderGroup => readers;

    public bool Knows(uint uid) => users.ContainsKey(uid);

    /// <summary>Of a peer that was let in.</summary>
    public Role Of(uint uid) => users.GetValueOrDefault(uid, Role.Reader);

    /// <summary>Makes the table.</summary>
    /// <param name="config">Names more users.</param>
    /// <param name="ownUidHasAll">For trials with a shadow clock: whoever runs clockd may do everything.</param>
    /// <exception cref="IOException">A user does not exist, or one would hold two powers over the system's clock.</exception>
    public static Roles From(ClockConfig config, bool ownUidHasAll)
    {
        (uint? User, Role Role)[] table =
        [
            (0, Role.Reader | Role.Administrator),
            (Users.FindUser("timesuite-ntp"), Role.Reader | Role.Steerer),
            .. s_daemons.Select(name => (Users.FindUser(name), Role.Reader)),
            .. config.Steerers.Select(name => (Required(name), Role.Reader | Role.Steerer)),
            .. config.Readers.Select(name => (Required(name), Role.Reader)),
            (ownUidHasAll ? Users.Own : null, Role.Reader | Role.Steerer | Role.Administrator),
        ];
        var users = table.Where(row => row.User is not null).GroupBy(row => row.User!.Value).ToDictionary(rows => rows.Key, rows => rows.Aggregate(Role.None, (all, row) => all | row.Role));
        if (!ownUidHasAll && users.FirstOrDefault(user => user.Value.HasFlag(Role.Steerer | Role.Administrator)) is { Value: not Role.None } both)
        {
            throw new IOException($"[clock] steerers names {Users.NameOf(both.Key)}, who is an administrator: one user may not hold both powers");
        }

        return new(users, Users.FindGroup("timesuite"));

        static uint? Required(string name) => Users.FindUser(name) ?? throw new IOException($"[clock] names the user {name}, who does not exist");
    }
}
