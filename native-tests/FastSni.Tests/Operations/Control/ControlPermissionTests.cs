using FastSni.Operations;
using Xunit;

namespace FastSni.Tests.Operations.Control;

/// <summary>Root and the gateway's user do, others look.</summary>
public sealed class ControlPermissionTests
{
    private const uint Gateway = 990;

    private static readonly ControlCommand[] Looking = [ControlCommand.Version, ControlCommand.Status, ControlCommand.Sessions, ControlCommand.Bans];

    [Theory]
    [InlineData(0, true)]
    [InlineData(Gateway, true)]
    [InlineData(1000, false)]
    [InlineData(65534, false)]
    [InlineData(uint.MaxValue, false)]
    public void Who_may_change_the_gateway(uint user, bool may)
    {
        foreach (ControlCommand command in Enum.GetValues<ControlCommand>())
            Assert.Equal(may || Looking.Contains(command), ControlPermission.Refuse(command, user, Gateway) is null);
    }

    [Fact]
    public void Where_the_gateway_is_root_only_root_may_change_it()
    {
        Assert.Null(ControlPermission.Refuse(ControlCommand.Ban, 0, 0));
        Assert.NotNull(ControlPermission.Refuse(ControlCommand.Ban, Gateway, 0));
    }

    [Fact]
    public void The_refusal_names_command_and_rule() => Assert.Equal(
        "upgrade changes the gateway, and only root and the gateway's own user may; others who reach this socket may only look (user id 1000)",
        ControlPermission.Refuse(ControlCommand.Upgrade, 1000, Gateway));
}
