namespace TimeSuite.Linux.Tests;

public sealed class UsersTests
{
    private const string Passwd = """
        root:x:0:0:root:/root:/bin/bash
        # a comment
        broken line
        +nis::::::
        timesuite-clock:x:997:996::/nonexistent:/usr/sbin/nologin
        twin:x:997:1::/:/bin/sh
        negative:x:-1:0::/:/bin/sh
        """;

    [Theory]
    [InlineData("root", 0u)]
    [InlineData("timesuite-clock", 997u)]
    [InlineData("1234", 1234u)]
    [InlineData("nobody-of-that-name", null)]
    [InlineData("negative", null)]
    [InlineData("", null)]
    public void A_name_or_a_number_becomes_a_number(string name, uint? expected) => Assert.Equal(expected, Users.Find(Passwd, name));

    [Fact]
    public void A_number_becomes_the_first_name_that_has_it()
    {
        Assert.Equal("timesuite-clock", Users.FindName(Passwd, 997));
        Assert.Null(Users.FindName(Passwd, 42));
    }

    [Fact]
    public void The_files_of_this_machine_are_read()
    {
        Assert.Equal(0u, Users.FindUser("root"));
        Assert.Equal(0u, Users.FindGroup("root"));
        Assert.Equal("root", Users.NameOf(0));
        Assert.Equal("4000000000", Users.NameOf(4_000_000_000));
    }
}
