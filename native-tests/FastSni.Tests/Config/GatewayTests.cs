using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Config;

public class GatewayTests
{
    [Fact]
    public void Without_a_section_every_default_holds()
    {
        GatewayOptions options = ConfigFolder.SnapshotOf(ConfigFolder.Reject).Gateway;
        // The record's own defaults and the schema's texts are two lists of one thing.
        Assert.Equal(new GatewayOptions(), options);
        Assert.Null(options.Workers);
        Assert.Null(options.MaxConnections);
        Assert.Equal((512, 0), (options.MaxConnectionsPerClient, options.MaxNewSessionsPerClient));
        Assert.Equal((10_000, 64), (options.MaxPendingHellos, options.MaxPendingHellosPerClient));
        TimeSpan[] times =
        [
            options.HelloTimeout, options.ProxyHeaderTimeout, options.HandshakeTimeout, options.ConnectTimeout,
            options.IdleTimeout, options.HalfCloseTimeout, options.DrainTimeout, options.ResolveInterval,
        ];
        Assert.Equal([5, 3, 10, 5, 3600, 60, 30, 30], times.Select(time => time.TotalSeconds));
        Assert.Equal((65_536, 10_000), (options.HelloLimitBytes, options.MaxRequests));
        Assert.Equal(("journal", "/var/log/fastsni/access.log", "/var/lib/fastsni"), (options.Log, options.AccessLog, options.StateDirectory));
        Assert.Equal((ProgramLogLevel.Information, AccessLogFormat.Text), (options.LogLevel, options.AccessLogFormat));
    }

    [Fact]
    public void Every_key_is_read()
    {
        GatewayOptions options = ConfigFolder.SnapshotOf(ConfigFolder.Reject + """
            [gateway]
            workers = 4
            max-connections = 5000
            max-connections-per-client = 7
            max-new-sessions-per-client = 8
            max-pending-hellos = 9
            max-pending-hellos-per-client = 10
            hello-timeout = 250ms
            hello-limit = 16k
            proxy-header-timeout = 1s
            handshake-timeout = 2s
            connect-timeout = 4s
            idle-timeout = 7d
            half-close-timeout = 2m
            drain-timeout = 0s
            log = /var/log/fastsni/program.log
            log-level = Warning
            access-log = OFF
            access-log-format = json
            state-directory = /srv/state/
            resolve-interval = 1h
            max-requests = 20000
            trusted-proxies = 10.0.0.0/8, 192.0.2.1, 2001:db8::/32

            """).Gateway;
        Assert.Equal(new GatewayOptions
        {
            Workers = 4,
            MaxConnections = 5000,
            MaxConnectionsPerClient = 7,
            MaxNewSessionsPerClient = 8,
            MaxPendingHellos = 9,
            MaxPendingHellosPerClient = 10,
            HelloTimeout = TimeSpan.FromMilliseconds(250),
            HelloLimitBytes = 16_384,
            ProxyHeaderTimeout = TimeSpan.FromSeconds(1),
            HandshakeTimeout = TimeSpan.FromSeconds(2),
            ConnectTimeout = TimeSpan.FromSeconds(4),
            IdleTimeout = TimeSpan.FromDays(7),
            HalfCloseTimeout = TimeSpan.FromMinutes(2),
            DrainTimeout = TimeSpan.Zero,
            Log = "/var/log/fastsni/program.log",
            LogLevel = ProgramLogLevel.Warning,
            AccessLog = "off",
            AccessLogFormat = AccessLogFormat.Json,
            StateDirectory = "/srv/state/",
            ResolveInterval = TimeSpan.FromHours(1),
            MaxRequests = 20_000,
            TrustedProxies = options.TrustedProxies,
        }, options);
        Assert.Equal(["10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32"], options.TrustedProxies.Select(network => network.ToString()));
    }

    [Theory]
    [InlineData("workers = 0", "\"0\" is out of range: write auto, or 1 to 256")]
    [InlineData("workers = 257", "\"257\" is out of range: write auto, or 1 to 256")]
    [InlineData("workers = -1", "\"-1\" is not a whole number: write auto, or 1 to 256")]
    [InlineData("workers =", "\"\" is not a whole number: write auto, or 1 to 256")]
    [InlineData("workers = 99999999999999999999", "\"99999999999999999999\" is out of range: write auto, or 1 to 256")]
    [InlineData("max-connections = 1000001", "\"1000001\" is out of range: write auto, or 1 to 1,000,000")]
    [InlineData("max-connections-per-client = auto", "\"auto\" is not a whole number: write 0 to 1,000,000")]
    [InlineData("max-pending-hellos = 0", "\"0\" is out of range: write 1 to 1,000,000")]
    [InlineData("max-requests = 0", "\"0\" is out of range: write 1 to 1,000,000")]
    [InlineData("hello-timeout = 5", "\"5\" has no unit: write 5s for seconds; the units are ms, s, m, h and d")]
    [InlineData("hello-timeout = five", "\"five\" is not a duration: write a whole number and its unit, such as 250ms, 5s, 10m, 1h or 90d")]
    [InlineData("hello-timeout = 1.5s", "\"1.5s\" is not a duration: write a whole number and its unit, such as 250ms, 5s, 10m, 1h or 90d")]
    [InlineData("hello-timeout = -5s", "\"-5s\" is not a duration: write a whole number and its unit, such as 250ms, 5s, 10m, 1h or 90d")]
    [InlineData("hello-timeout = s", "\"s\" is not a duration: write a whole number and its unit, such as 250ms, 5s, 10m, 1h or 90d")]
    [InlineData("hello-timeout = 1h30m", "\"1h30m\" is not a duration: write a whole number and its unit, such as 250ms, 5s, 10m, 1h or 90d")]
    [InlineData("hello-timeout = 0s", "\"0s\" is out of range: write 1ms to 10m")]
    [InlineData("hello-timeout = 11m", "\"11m\" is out of range: write 1ms to 10m")]
    [InlineData("hello-timeout = 9999999999d", "\"9999999999d\" is out of range: write 1ms to 10m")]
    [InlineData("hello-timeout = 99999999999999999999s", "\"99999999999999999999s\" is out of range: write 1ms to 10m")]
    [InlineData("idle-timeout = 8d", "\"8d\" is out of range: write 1ms to 7d")]
    [InlineData("drain-timeout = 2d", "\"2d\" is out of range: write 0s to 1d")]
    [InlineData("resolve-interval = 999ms", "\"999ms\" is out of range: write 1s to 1d")]
    [InlineData("hello-limit = 1023", "\"1023\" is out of range: write 1k to 256k")]
    [InlineData("hello-limit = 257k", "\"257k\" is out of range: write 1k to 256k")]
    [InlineData("hello-limit = 9999999999g", "\"9999999999g\" is out of range: write 1k to 256k")]
    [InlineData("hello-limit = 64kb", "\"64kb\" is not a size: write bytes, or a whole number with k, M or G, such as 16k or 1M")]
    [InlineData("hello-limit = k", "\"k\" is not a size: write bytes, or a whole number with k, M or G, such as 16k or 1M")]
    [InlineData("log = syslog", "\"syslog\" is not usable here: write journal, stdout, or a path that begins with /")]
    [InlineData("log = off", "\"off\" is not usable here: write journal, stdout, or a path that begins with /")]
    [InlineData("access-log = access.log", "\"access.log\" is not usable here: write journal, stdout, off, or a path that begins with /")]
    [InlineData("access-log = /var/log/", "\"/var/log/\" is a directory: write the path of a file")]
    [InlineData("log-level = info", "\"info\" is not known here: write debug, information, warning or error")]
    [InlineData("access-log-format = xml", "\"xml\" is not known here: write text or json")]
    [InlineData("state-directory = var", "\"var\" is not usable here: write a path that begins with /")]
    [InlineData("trusted-proxies = 10.0.0.1/8", "\"10.0.0.1/8\" has bits set behind the prefix: write 10.0.0.0/8, or the address alone")]
    [InlineData("trusted-proxies = 10.0.0.0/33", "\"10.0.0.0/33\": behind the / stands a number of bits, 0 to 32")]
    [InlineData("trusted-proxies = 2001:db8::/129", "\"2001:db8::/129\": behind the / stands a number of bits, 0 to 128")]
    [InlineData("trusted-proxies = router", "\"router\" is no address and no prefix: write 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32")]
    [InlineData("trusted-proxies = 10.0.0.0/8,",
        "an empty item in the list: remove the comma too many, or write the address or prefix that is missing")]
    public void A_wrong_value_says_what_would_be_right(string line, string sentence) => Assert.Equal(
        [$"fastsni.ini:5: [gateway] {line.Split(' ')[0]}: {sentence}"],
        ConfigFolder.ErrorsOf($"{ConfigFolder.Reject}[gateway]\n{line}\n"));

    [Theory]
    [InlineData("65536", 65_536)]
    [InlineData("64K", 65_536)]
    [InlineData("1k", 1024)]
    public void Sizes_are_powers_of_1024(string written, int bytes) =>
        Assert.Equal(bytes, ConfigFolder.SnapshotOf($"{ConfigFolder.Reject}[gateway]\nhello-limit = {written}\n").Gateway.HelloLimitBytes);

    [Theory]
    [InlineData("250ms", 0.25)]
    [InlineData("90s", 90)]
    [InlineData("10M", 600)]
    [InlineData("2h", 7200)]
    [InlineData("3d", 259_200)]
    [InlineData("007s", 7)]
    public void Durations_have_one_unit(string written, double seconds)
    {
        GatewayOptions options = ConfigFolder.SnapshotOf($"{ConfigFolder.Reject}[gateway]\nidle-timeout = {written}\n").Gateway;
        Assert.Equal(seconds, options.IdleTimeout.TotalSeconds);
    }

    [Fact]
    public void An_empty_list_of_trusted_proxies_is_the_default() =>
        Assert.NotNull(ConfigFolder.SnapshotOf($"{ConfigFolder.Reject}[gateway]\ntrusted-proxies =\n"));

    [Fact]
    public void A_long_value_is_shortened_in_the_message() => Assert.Equal(
        [$"fastsni.ini:5: [gateway] log-level: \"{new string('x', 80)}…\" is not known here: write debug, information, warning or error"],
        ConfigFolder.ErrorsOf($"{ConfigFolder.Reject}[gateway]\nlog-level = {new string('x', 10_000)}\n"));
}
