using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Config;

public class OffloadTests
{
    private const string Section = "[offload:app]\nnames = *.example.eu, app.example.eu\n";
    private const string Forms = "http://192.168.99.20:8080, https://host, h2c://[2001:db8::1]:8080 or unix:/path";

    [Theory]
    [InlineData("http://192.0.2.1:8080", HttpScheme.Http, ServerKind.Ip, "192.0.2.1:8080", "192.0.2.1", 8080)]
    [InlineData("HTTP://nas", HttpScheme.Http, ServerKind.HostName, "nas:80", "nas", 80)]
    [InlineData("https://[2001:DB8::1]", HttpScheme.Https, ServerKind.Ip, "[2001:DB8::1]:443", "2001:db8::1", 443)]
    [InlineData("https://[2001:db8::1]:8443", HttpScheme.Https, ServerKind.Ip, "[2001:db8::1]:8443", "2001:db8::1", 8443)]
    [InlineData("h2c://grpc.internal", HttpScheme.H2c, ServerKind.HostName, "grpc.internal:80", "grpc.internal", 80)]
    [InlineData("unix:/run/app.sock", HttpScheme.Http, ServerKind.Unix, "unix:/run/app.sock", "/run/app.sock", null)]
    public void A_server_is_read(string text, HttpScheme scheme, ServerKind kind, string shown, string host, int? port)
    {
        HttpBackendOptions backend = Load($"backend = {text}").Backend;
        Assert.Equal((scheme, new ServerAddress(kind, shown, host, port)), (backend.Scheme, backend.Servers.Single()));
    }

    [Theory]
    [InlineData("192.0.2.1:80", "\"192.0.2.1:80\" does not say what it speaks: write http://192.0.2.1:80, https://192.0.2.1:80 or h2c://192.0.2.1:80")]
    [InlineData("ftp://x", $"\"ftp://x\": this is spoken to no backend: write {Forms}")]
    [InlineData("http://x/", "\"http://x/\": a backend has no path, requests keep their own: write http://x")]
    [InlineData("https://x:8443/app", "\"https://x:8443/app\": a backend has no path, requests keep their own: write https://x:8443")]
    [InlineData("http://x?y", "\"http://x?y\": a backend has no path, requests keep their own: write http://x")]
    [InlineData("http://", $"\"http://\" is not an address: write {Forms}")]
    [InlineData("http://x:0", "\"http://x:0\": a port is 1 to 65535")]
    [InlineData("http://2001:db8::1", "an IPv6 address stands in brackets: write http://[2001:db8::1] or http://[2001:db8::1]:443")]
    [InlineData("http://me@x", $"\"http://me@x\": the character @ is not part of any host name; write {Forms}")]
    [InlineData("unix:app.sock", "\"app.sock\" is not usable here: write a path that begins with /")]
    [InlineData("http://x, https://y", "the servers of one list speak the same: write one of http://, https:// and h2c:// before all of them")]
    [InlineData("http://x, http://X:80", "\"X:80\" is in the list twice: keep one of them")]
    public void A_wrong_server_says_what_would_be_right(string text, string sentence) =>
        Assert.Equal([$"fastsni.ini:3: [offload:app] backend: {sentence}"], ConfigFolder.ErrorsOf($"{Section}backend = {text}\n"));

    [Fact]
    public void Every_default_holds()
    {
        OffloadSection section = Load("backend = https://192.0.2.1, https://192.0.2.2");
        Assert.Equal(("/", null, 0L, HttpLimits.Default), (section.Path, section.Hsts, section.MaxBodyBytes, section.Limits));
        Assert.Empty(section.ResponseHeaders);
        HttpBackendOptions backend = section.Backend;
        Assert.Equal((Balance.RoundRobin, BackendVerification.On, null, null), (backend.Balance, backend.Verification, backend.ServerName, backend.HealthCheck));
        Assert.Equal(TimeSpan.FromSeconds(60), backend.ResponseTimeout);
    }

    [Fact]
    public void Every_key_is_read()
    {
        OffloadSection section = Load("""
            backend = https://192.0.2.1
            path = /app/x/
            hsts = 90d
            header.X-Frame-Options = DENY
            header.Content-Security-Policy = "script-src 'self'; object-src 'self'"
            backend-verify = no
            backend-name = App.internal
            balance = least-connections
            health-check = http
            health-interval = 10s
            health-path = /health?x=1
            response-timeout = 5m
            max-body = 8G
            max-header-size = 64k
            max-streams = 7
            min-body-rate = 0
            """);
        Assert.Equal(("offload:app", "/app/x", TimeSpan.FromDays(90), 8L << 30), (section.Label, section.Path, section.Hsts, section.MaxBodyBytes));
        Assert.Equal(new HttpLimits(65_536, 7, 0), section.Limits);
        Assert.Equal(
            [new("X-Frame-Options", "DENY"), new("Content-Security-Policy", "script-src 'self'; object-src 'self'")], section.ResponseHeaders.AsEnumerable());
        HttpBackendOptions backend = section.Backend;
        Assert.Equal((Balance.LeastConnections, BackendVerification.Off, "app.internal"), (backend.Balance, backend.Verification, backend.ServerName));
        Assert.Equal(TimeSpan.FromMinutes(5), backend.ResponseTimeout);
        Assert.Equal(new HealthCheckOptions(HealthCheckKind.Http, TimeSpan.FromSeconds(10), "app.example.eu", "/health?x=1"), backend.HealthCheck);
    }

    [Theory]
    [InlineData("health-check = tls\nhealth-name = h.org\nbackend-name = b.org", "h.org")]
    [InlineData("health-check = tls\nbackend-name = b.org", "b.org")]
    [InlineData("health-check = tls", "app.example.eu")]
    [InlineData("health-check = http\nbackend-name = b.org", "app.example.eu")]
    public void A_check_asks_for_what_clients_would(string lines, string name) =>
        Assert.Equal(name, Load($"backend = https://x\n{lines}").Backend.HealthCheck!.Name);

    [Fact]
    public void A_CA_file_is_checked_and_kept()
    {
        using ConfigFolder folder = new();
        folder.Write("ca.pem", TestCertificate.For("ca").Chain).Write(ConfigFolder.Main, $"{Section}backend = https://x\nbackend-verify = ca.pem\n");
        Assert.Equal(new BackendVerification(true, Path.Combine(folder.Root, "ca.pem")), ((OffloadSection)folder.Snapshot().Sections[0]).Backend.Verification);
        folder.Write("ca.pem", "");
        Assert.Equal(
            ["fastsni.ini:4: [offload:app] backend-verify: ca.pem: there is no certificate in it: write a PEM file such as certbot's fullchain.pem"], folder.Errors());
    }

    [Theory]
    [InlineData("path = app", "path: \"app\": a path begins with /, such as /app")]
    [InlineData("path = /a//b", "path: \"/a//b\": requests are compared without empty segments, . and ..: write the path without them")]
    [InlineData("path = /a/../b", "path: \"/a/../b\": requests are compared without empty segments, . and ..: write the path without them")]
    [InlineData("path = /a/.", "path: \"/a/.\": requests are compared without empty segments, . and ..: write the path without them")]
    [InlineData("path = //", "path: \"//\": requests are compared without empty segments, . and ..: write the path without them")]
    [InlineData("path = /a%20b", "path: \"/a%20b\": requests are decoded before they are compared: write the characters themselves, without %")]
    [InlineData("path = /a?b", "path: \"/a?b\": only a path chooses a section: remove what begins with ? or #")]
    [InlineData("path = /a#b", "path: \"/a#b\": only a path chooses a section: remove what begins with ? or #")]
    [InlineData("backend-verify = off", "backend-verify: only an https:// backend shows a certificate: remove this key, or write https:// before each server")]
    [InlineData("backend-name = a.org", "backend-name: only an https:// backend shows a certificate: remove this key, or write https:// before each server")]
    [InlineData("health-check = tls", "health-check: a tls check needs an https:// backend: write tcp or http, or https:// before each server")]
    [InlineData("health-path = health", "health-path: \"health\": a path begins with /, such as /health")]
    [InlineData("health-path = /a b",
        "health-path: \"/a b\": a request holds no blanks, no # and no letters beyond ASCII: write them as %20, %23 and the like")]
    [InlineData("hsts = on", "hsts: \"on\" is not a duration: write a whole number and its unit, such as 250ms, 5s, 10m, 1h or 90d")]
    [InlineData("max-body = 1025G", "max-body: \"1025G\" is out of range: write 0 to 1024G")]
    [InlineData("max-header-size = 1k", "max-header-size: \"1k\" is out of range: write 4k to 1M")]
    [InlineData("max-streams = 0", "max-streams: \"0\" is out of range: write 1 to 10,000")]
    [InlineData("proxy-protocol = v2", "proxy-protocol: unknown key")]
    [InlineData("header.Content-Length = 5",
        "header.Content-Length: it says how a message is sent, which is the gateway's own business: remove this key")]
    [InlineData("header.te = x", "header.te: it says how a message is sent, which is the gateway's own business: remove this key")]
    [InlineData("header.Strict-Transport-Security = max-age=1", "header.Strict-Transport-Security: write hsts = 90d instead")]
    [InlineData("header.X-A =", "header.X-A: no value given: write one, or remove the key")]
    [InlineData("header.X-A = é", "header.X-A: \"é\": a header's value holds letters of ASCII and no control characters")]
    [InlineData("header.X A = b", "header.X A: unknown key")]
    public void A_wrong_key_says_what_would_be_right(string line, string message) =>
        Assert.Equal([$"fastsni.ini:4: [offload:app] {message}"], ConfigFolder.ErrorsOf($"{Section}backend = http://x\n{line}\n"));

    [Fact]
    public void A_backend_must_be_given() => Assert.Equal(
        ["fastsni.ini:1: [offload:app] backend: missing: write where to forward to, such as backend = http://192.168.99.20:8080"], ConfigFolder.ErrorsOf(Section));

    [Fact]
    public void A_header_twice_in_any_case_is_an_error() => Assert.Equal(
        ["fastsni.ini:5: [offload:app] header.x-a: given twice: first at fastsni.ini:4; keep one of them"],
        ConfigFolder.ErrorsOf($"{Section}backend = http://x\nheader.X-A = 1\nheader.x-a = 2\n"));

    private static OffloadSection Load(string lines) => (OffloadSection)ConfigFolder.SnapshotOf($"{Section}{lines}\n").Sections.Single();
}
