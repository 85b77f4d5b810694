using System.Globalization;
using System.Net;

namespace FastSni.LoadTests.Soak;

/// <summary>Where the gateway listens.</summary>
/// <param name="Extra">A listener that only every second configuration has.</param>
internal sealed record SoakDoors(IPEndPoint Https, IPEndPoint Proxied, IPEndPoint Http, IPEndPoint Mail, IPEndPoint Extra);

/// <summary>The two configurations that take turns. What clients may rely on is the same in both.</summary>
internal sealed record SoakConfig
{
    public const string NameA = "a.soak.test", NameB = "b.soak.test", AppName = "app.soak.test", OffloadSection = "app";
    public const int SessionsOfAClientMax = 64;

    public required string Directory { get; init; }
    public required SoakDoors Doors { get; init; }
    /// <summary>Two that hear PROXY headers and hellos, one that hears hellos, one that hears PROXY headers, one that speaks HTTP.</summary>
    public required (IPEndPoint A1, IPEndPoint A2, IPEndPoint B, IPEndPoint Mail, IPEndPoint App) Backends { get; init; }
    /// <summary>Certificate and key of the one and of the other configuration.</summary>
    public required (string Chain, string Key)[] Certificates { get; init; }
    public required int Workers { get; init; }
    public required TimeSpan DrainTimeout { get; init; }
    public required TimeSpan HelloTimeout { get; init; }

    public string SocketPath => Path.Combine(Directory, "control.sock");
    public string LogPath => Path.Combine(Directory, "gateway.log");
    public string AccessLogPath => Path.Combine(Directory, "access.log");

    /// <param name="turn">Even and odd ones differ in servers, balance, names, certificate, limits and listeners.</param>
    public string Text(int turn)
    {
        bool isOdd = turn % 2 == 1;
        (string chain, string key) = Certificates[turn % 2];
        string extra = isOdd ? string.Create(CultureInfo.InvariantCulture, $"[listen:extra]\naddress = {Doors.Extra}\nmode = tls\n") : "";
        return string.Create(CultureInfo.InvariantCulture, $"""
            [gateway]
            workers = {Workers}
            log = {LogPath}
            access-log = {AccessLogPath}
            access-log-format = {(isOdd ? "json" : "text")}
            state-directory = {Directory}/state
            max-connections-per-client = {SessionsOfAClientMax}
            max-pending-hellos-per-client = 10000
            hello-timeout = {(int)HelloTimeout.TotalSeconds}s
            proxy-header-timeout = {(int)HelloTimeout.TotalSeconds}s
            handshake-timeout = 60s
            idle-timeout = {(isOdd ? "2h" : "3h")}
            drain-timeout = {(int)DrainTimeout.TotalSeconds}s

            [admin]
            socket = {SocketPath}

            [default]
            action = reject
            no-name-action = reject

            [listen:https]
            address = {Doors.Https}
            mode = tls

            [listen:proxied]
            address = {Doors.Proxied}
            mode = tls
            accept-proxy = require
            trusted-proxies = 127.0.0.0/8

            [listen:http]
            address = {Doors.Http}
            mode = http

            [listen:mail]
            address = {Doors.Mail}
            mode = tcp
            backend = {Backends.Mail}
            proxy-protocol = v2

            [passthrough:a]
            names = {NameA}{(isOdd ? ", *.more.soak.test" : "")}
            backend = {Backends.A1}{(isOdd ? $", {Backends.A2}" : "")}
            balance = {(isOdd ? "least-connections" : "round-robin")}
            proxy-protocol = v2
            http-backend = {Backends.App}

            [passthrough:b]
            names = {NameB}
            backend = {Backends.B}

            [offload:{OffloadSection}]
            names = {AppName}
            backend = http://{Backends.App}
            certificate = {chain}
            certificate-key = {key}
            min-body-rate = 0

            {extra}
            """) + "\n";
    }
}
