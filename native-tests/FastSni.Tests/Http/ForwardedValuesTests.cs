using FastSni.Http;
using Xunit;

namespace FastSni.Tests.Http;

public class ForwardedValuesTests
{
    private static readonly string[] Nobody = [], TenNet = ["10.0.0.0/8", "2001:db8:10::/48"];

    [Fact]
    public void A_client_is_told_as_it_is()
    {
        Exchange exchange = Exchanges.From("192.0.2.1", Nobody, ("Host", "app.example.org"));
        Assert.Equal(new ForwardedValues("192.0.2.1", "192.0.2.1", "https", "app.example.org", "8443", "for=192.0.2.1;host=app.example.org;proto=https"),
            ForwardedValues.Of(exchange));
    }

    [Fact]
    public void What_is_no_token_is_quoted()
    {
        ForwardedValues values = ForwardedValues.Of(Exchanges.From("2001:db8::1", Nobody, ("Host", "H.example:8443")));
        Assert.Equal("2001:db8::1", values.RealIp);
        Assert.Equal("2001:db8::1", values.For);
        Assert.Equal("H.example:8443", values.Host);
        Assert.Equal("""for="[2001:db8::1]";host="H.example:8443";proto=https""", values.Forwarded);
    }

    /// <summary>Scorecard T47.</summary>
    [Fact]
    public void Nothing_a_stranger_says_is_told_on()
    {
        (string, string)[] headers =
        [
            ("Host", "app.example.org"), ("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-Proto", "http"), ("X-Forwarded-Host", "evil.example"),
            ("X-Forwarded-Port", "1"), ("Forwarded", "for=6.6.6.6;host=evil.example;proto=http"), ("X-Real-IP", "6.6.6.6"), ("X_Forwarded_For", "6.6.6.6"),
            ("Connection", "X-Forwarded-For, Host"),
        ];
        ForwardedValues stranger = ForwardedValues.Of(Exchanges.From("192.0.2.1", TenNet, headers));
        Assert.Equal(ForwardedValues.Of(Exchanges.From("192.0.2.1", Nobody, ("Host", "app.example.org"))), stranger);
        Assert.DoesNotContain(headers, header => RequestHeaders.PassesOn(header.Item1));
    }

    [Theory]
    [InlineData("198.51.100.7", "198.51.100.7", "198.51.100.7, 10.0.0.1")]
    [InlineData("198.51.100.7, 10.0.0.2", "198.51.100.7", "198.51.100.7, 10.0.0.2, 10.0.0.1")]
    [InlineData("6.6.6.6, 198.51.100.7, 10.0.0.2", "198.51.100.7", "6.6.6.6, 198.51.100.7, 10.0.0.2, 10.0.0.1")]
    [InlineData("10.0.0.3, 10.0.0.2", "10.0.0.3", "10.0.0.3, 10.0.0.2, 10.0.0.1")]
    [InlineData("2001:db8::7, 2001:db8:10::2", "2001:db8::7", "2001:db8::7, 2001:db8:10::2, 10.0.0.1")]
    [InlineData("[2001:DB8:0::7]:4711, ::ffff:10.0.0.2", "2001:db8::7", "2001:db8::7, 10.0.0.2, 10.0.0.1")]
    [InlineData("198.51.100.7:4711", "198.51.100.7", "198.51.100.7, 10.0.0.1")]
    [InlineData(" ,198.51.100.7,, ", "198.51.100.7", "198.51.100.7, 10.0.0.1")]
    public void A_trusted_proxy_is_believed_up_to_the_first_that_is_not(string received, string real, string list)
    {
        ForwardedValues values = ForwardedValues.Of(Exchanges.From("10.0.0.1", TenNet, ("Host", "a"), ("X-Forwarded-For", received)));
        Assert.Equal((real, list), (values.RealIp, values.For));
        Assert.StartsWith(real.Contains(':', StringComparison.Ordinal) ? $"for=\"[{real}]\";" : $"for={real};", values.Forwarded, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("unknown")]
    [InlineData("1")]
    [InlineData("0x0a.1")]
    [InlineData("192.0.2.010")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[192.0.2.1")]
    [InlineData("[2001:db8::1]x")]
    [InlineData("192.0.2.1 evil")]
    [InlineData("6.6.6.6\", for=7.7.7.7")]
    [InlineData("6.6.6.6, unknown")]
    public void What_is_no_address_hides_what_stands_before_it(string received)
    {
        ForwardedValues values = ForwardedValues.Of(Exchanges.From("10.0.0.1", TenNet, ("Host", "a"), ("X-Forwarded-For", received)));
        Assert.Equal(("10.0.0.1", "10.0.0.1"), (values.RealIp, values.For));
    }

    [Fact]
    public void A_very_long_chain_is_cut_at_its_far_end()
    {
        string received = string.Join(',', Enumerable.Range(0, 1000).Select(i => $"198.51.100.{i % 250}"));
        ForwardedValues values = ForwardedValues.Of(Exchanges.From("10.0.0.1", TenNet, ("Host", "a"), ("X-Forwarded-For", received)));
        Assert.Equal(65, values.For.Split(',').Length);
        Assert.Equal("198.51.100.249", values.RealIp);
    }

    [Theory]
    [InlineData("https", "shop.example", "", "http", "https shop.example 443")]
    [InlineData("HTTP", "shop.example:8080", "8080", "https", "http shop.example:8080 8080")]
    [InlineData("http, https", "evil.example, shop.example", "1, 444", "https", "https shop.example 444")]
    [InlineData("gopher", "a\" b", "70000", "https", "https own.example 8443")]
    [InlineData("https;x", "", "+1", "http", "http own.example 8443")]
    public void A_trusted_proxy_tells_scheme_host_and_port(string proto, string host, string port, string own, string expected)
    {
        Exchange exchange = Exchanges.From("10.0.0.1", TenNet, ("Host", "own.example"), ("X-Forwarded-Proto", proto), ("X-Forwarded-Host", host), ("X-Forwarded-Port", port));
        exchange.IsHttps = own == "https";
        ForwardedValues values = ForwardedValues.Of(exchange);
        Assert.Equal(expected, $"{values.Proto} {values.Host} {values.Port}");
        Assert.EndsWith(";proto=" + values.Proto, values.Forwarded, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("for=198.51.100.7", "198.51.100.7", "https", "own.example")]
    [InlineData("for=198.51.100.7;proto=http;host=\"shop.example:81\"", "198.51.100.7", "http", "shop.example:81")]
    [InlineData("For=\"[2001:db8::7]:4711\" ; by=_x, for=10.0.0.2;Proto=HTTP", "2001:db8::7", "http", "own.example")]
    [InlineData("for=6.6.6.6;proto=http, for=unknown;host=shop.example", "10.0.0.1", "https", "shop.example")]
    [InlineData("for=6.6.6.6, by=10.0.0.9", "10.0.0.1", "https", "own.example")]
    [InlineData("for=6.6.6.6, for=\"198.51.100.7", "10.0.0.1", "https", "own.example")]
    [InlineData("for=6.6.6.6;;=, for=198.51.100.7", "10.0.0.1", "https", "own.example")]
    [InlineData("for=\"198.51.100.\\7\"", "198.51.100.7", "https", "own.example")]
    [InlineData("=", "10.0.0.1", "https", "own.example")]
    public void Forwarded_is_read_where_there_is_no_X_Forwarded_For(string forwarded, string real, string proto, string host)
    {
        ForwardedValues values = ForwardedValues.Of(Exchanges.From("10.0.0.1", TenNet, ("Host", "own.example"), ("Forwarded", forwarded)));
        Assert.Equal((real, proto, host), (values.RealIp, values.Proto, values.Host));
        values = ForwardedValues.Of(Exchanges.From("10.0.0.1", TenNet, ("Host", "own.example"), ("Forwarded", forwarded), ("X-Forwarded-For", "203.0.113.9")));
        Assert.Equal(("203.0.113.9", "https", "own.example"), (values.RealIp, values.Proto, values.Host));
    }

    [Theory]
    [InlineData("a\";for=6.6.6.6;x=\"")]
    [InlineData("a b")]
    [InlineData("a\\")]
    [InlineData("")]
    public void A_host_that_is_none_is_replaced_by_the_checked_one(string host)
    {
        Exchange exchange = Exchanges.From("192.0.2.1", Nobody, ("Host", host));
        Assert.Equal(("", "for=192.0.2.1;proto=https"), (ForwardedValues.Of(exchange).Host, ForwardedValues.Of(exchange).Forwarded));
        exchange.Host = "app.example.org";
        Assert.Equal("app.example.org", ForwardedValues.Of(exchange).Host);
    }

    [Fact]
    public void A_connection_that_asks_for_the_same_again_costs_nothing()
    {
        Exchange exchange = Exchanges.From("192.0.2.1", Nobody, ("Host", "app.example.org"));
        ForwardedValues first = ForwardedValues.Of(exchange);
        long before = GC.GetAllocatedBytesForCurrentThread();
        ForwardedValues second = ForwardedValues.Of(exchange);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Same(first.Forwarded, second.Forwarded);
    }

    [Fact]
    public void Another_host_or_another_connection_is_told_anew()
    {
        Exchange exchange = Exchanges.From("192.0.2.1", Nobody, ("Host", "a.example"));
        Assert.Equal("a.example", ForwardedValues.Of(exchange).Host);
        exchange.Begin(exchange.Client, ("Host", "b.example"));
        Assert.Equal("b.example", ForwardedValues.Of(exchange).Host);
        exchange.IsHttps = false;
        Assert.Equal("http", ForwardedValues.Of(exchange).Proto);
        exchange.Begin(Exchanges.From("192.0.2.2", Nobody).Client, ("Host", "b.example"));
        Assert.Equal("192.0.2.2", ForwardedValues.Of(exchange).RealIp);
    }
}
