using System.Globalization;
using System.Runtime.InteropServices;

namespace TimeSuite.Linux;

/// <summary>Numbers of users and groups, from /etc/passwd and /etc/group alone: no NSS, no network, no library loaded into a daemon.</summary>
/// <remarks>The daemons' own users are system users, which live in these files.</remarks>
public static partial class Users
{
    /// <summary>Effective user of this process.</summary>
    public static uint Own => Geteuid();

    /// <summary>Effective group of this process.</summary>
    public static uint OwnGroup => Getegid();

    /// <summary>Number of a user, by name or written as a number. Null if there is none of that name.</summary>
    /// <exception cref="IOException">/etc/passwd cannot be read.</exception>
    public static uint? FindUser(string name) => Find(File.ReadAllText("/etc/passwd"), name);

    /// <summary>Number of a group, by name or written as a number. Null if there is none of that name.</summary>
    /// <exception cref="IOException">/etc/group cannot be read.</exception>
    public static uint? FindGroup(string name) => Find(File.ReadAllText("/etc/group"), name);

    /// <summary>Name of a user; its number in digits if it has none.</summary>
    /// <exception cref="IOException">/etc/passwd cannot be read.</exception>
    public static string NameOf(uint uid) =>
        FindName(File.ReadAllText("/etc/passwd"), uid) ?? uid.ToString(CultureInfo.InvariantCulture);

    /// <summary>Third field of the line whose first is the name: the same place in passwd(5) and group(5).</summary>
    internal static uint? Find(string database, string name)
    {
        if (uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out uint number))
        {
            return number;
        }

        return Entries(database).Where(entry => entry.Name == name).Select(entry => (uint?)entry.Number).FirstOrDefault();
    }

    /// <summary>The first name that has the number.</summary>
    internal static string? FindName(string database, uint number) =>
        Entries(database).Where(entry => entry.Number == number).Select(entry => entry.Name).FirstOrDefault();

    private static IEnumerable<(string Name, uint Number)> Entries(string database)
    {
        foreach (string line in database.Split('\n'))
        {
            string[] fields = line.Split(':');
            if (fields.Length >= 3 && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out uint number))
            {
                yield return (fields[0], number);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint Geteuid();

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint Getegid();
}
