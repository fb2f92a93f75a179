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
    private static readonly string[] s_daemons = ["timesuite-ntp", "timesuite-nts", "timesuite-ptp", "timesuite-fleet"];

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
        var users = new Dictionary<uint, Role>();
        Add(0, Role.Reader | Role.Administrator);
        foreach (string daemon in s_daemons)
        {
            if (Users.FindUser(daemon) is { } uid)
            {
                Add(uid, daemon == s_daemons[0] ? Role.Reader | Role.Steerer : Role.Reader);
            }
        }

        config.Steerers.ToList().ForEach(name => Add(Required(name), Role.Reader | Role.Steerer));
        config.Readers.ToList().ForEach(name => Add(Required(name), Role.Reader));
        if (ownUidHasAll)
        {
            Add(Users.Own, Role.Reader | Role.Steerer | Role.Administrator);
        }
        else if (users.FirstOrDefault(user => user.Value.HasFlag(Role.Steerer | Role.Administrator)) is { Value: not Role.None } both)
        {
            throw new IOException($"[clock] steerers names {Users.NameOf(both.Key)}, who is an administrator: one user may not hold both powers");
        }

        return new(users, Users.FindGroup("timesuite"));

        void Add(uint uid, Role role) => users[uid] = users.GetValueOrDefault(uid) | role;
        static uint Required(string name) => Users.FindUser(name) ?? throw new IOException($"[clock] names the user {name}, who does not exist");
    }
}
