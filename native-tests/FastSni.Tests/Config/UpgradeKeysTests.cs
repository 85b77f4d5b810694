using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Config;

public class UpgradeKeysTests
{
    [Theory]
    [InlineData("[gateway]\nworkers = 3\n", "[gateway] workers")]
    [InlineData("[gateway]\nstate-directory = /srv/state\n", "[gateway] state-directory")]
    [InlineData("[admin]\nsocket = off\n", "[admin] socket")]
    [InlineData("[admin]\nsocket = /tmp/s\n[gateway]\nworkers = 1\n", "[gateway] workers", "[admin] socket")]
    [InlineData("[gateway]\nworkers = auto\nidle-timeout = 1s\nlog = stdout\n[admin]\naddress = 127.0.0.1:9180\n[listen:a]\naddress = :1\nmode = tls\n")]
    public void What_a_reload_cannot_apply_is_named(string text, params string[] keys) => Assert.Equal(
        keys, UpgradeKeys.Between(ConfigFolder.SnapshotOf(ConfigFolder.Reject), ConfigFolder.SnapshotOf(ConfigFolder.Reject + text)));
}
