using System.Net.Sockets;
using TimeSuite.Config;
using TimeSuite.Linux;

namespace TimeSuite.Clockd;

[Flags]
public enum Role
{
    Reader = 0, // Describe and Watch: whoever was let in
    Steerer = 1, // Steer
    Administrator = 2, // PermitStep
    PhcSteerer = 4, // Steer of hardware clocks
}

/// <summary>Who may do what, by user. Who is not in it and not in the group timesuite is not let in at all.</summary>
public sealed class Roles(IReadOnlyDictionary<uint, Role> users, uint? readers)
{
    private static readonly string[] s_daemons = ["timesuite-nts", "timesuite-fleet"];

    public bool Admits(PeerCredentials peer, Socket socket) => users.ContainsKey(peer.Uid) || (readers is { } group && PeerCredentials.IsInGroup(socket, group));

    public Role Of(uint uid) => users.GetValueOrDefault(uid);

    /// <summary>Makes the table.</summary>
    /// <remarks>In trials with a shadow clock, whoever runs clockd may do everything.</remarks>
    /// <exception cref="IOException">A user does not exist, or one would hold two powers over the system's clock.</exception>
    public static Roles From(ClockConfig config, bool ownUidHasAll)
    {
        const Role both = Role.Steerer | Role.Administrator;
        (uint? User, Role Role)[] table =
        [
            (0, Role.Administrator),
            (Users.FindUser("timesuite-ntp"), Role.Steerer),
            (Users.FindUser("timesuite-ptp"), Role.PhcSteerer),
            .. s_daemons.Select(name => (Users.FindUser(name), Role.Reader)),
            .. config.Steerers.Select(name => (Required(name), Role.Steerer)),
            .. config.Readers.Select(name => (Required(name), Role.Reader)),
            (ownUidHasAll ? Users.Own : null, both | Role.PhcSteerer),
        ];
        var users = table.Where(row => row.User is not null).GroupBy(row => row.User!.Value).ToDictionary(rows => rows.Key, rows => rows.Aggregate(Role.Reader, (all, row) => all | row.Role));
        if (!ownUidHasAll && users.FirstOrDefault(user => user.Value.HasFlag(both)) is { Value: not Role.Reader } mighty)
        {
            throw new IOException($"[clock] steerers names {Users.NameOf(mighty.Key)}, who is an administrator: one user may not hold both powers");
        }

        return new(users, Users.FindGroup("timesuite"));

        static uint? Required(string name) => Users.FindUser(name) ?? throw new IOException($"[clock] names the user {name}, who does not exist");
    }
}
