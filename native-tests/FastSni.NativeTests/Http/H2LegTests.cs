using System.Net;
using System.Text;
using FastSni.Http;
using FastSni.NativeTests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace FastSni.NativeTests.Http;

public class H2LegTests
{
    [Fact]
    public async Task A_request_arrives_as_it_was_sent_and_the_backend_learns_the_truth()
    {
        var seen = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        string line = "", body = "";
        await using H2Backend backend = await H2Backend.StartAsync(async context =>
        {
            foreach (var header in context.Request.Headers)
                seen[header.Key] = header.Value.ToString();
            line = $"{context.Request.Method} {context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget} {context.Request.Protocol}";
            body = await new StreamReader(context.Request.Body).ReadToEndAsync();
        });
        await using H2Front front = await H2Front.ToAsync(backend.Address);
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(front.Client.BaseAddress + "a%2Fb/../%2e/c?x=%41&y", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent("hello"),
        };
        foreach ((string name, string value) in new[]
        {
            ("Host", "app.example.org"), ("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-Proto", "http"), ("X-Forwarded-Host", "evil"), ("Forwarded", "for=6.6.6.6"),
            ("X-Real-IP", "6.6.6.6"), ("X_Forwarded_For", "6.6.6.6"), ("TE", "trailers"), ("Cookie", "a=1; b=2"), ("X-Own", "\u00e4"), ("traceparent", "mine"),
        })
            request.Headers.TryAddWithoutValidation(name, value);
        using HttpResponseMessage response = await front.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(("PUT /a%2Fb/../%2e/c?x=%41&y HTTP/2", "hello"), (line, body));
        Assert.Equal(("app.example.org", "203.0.113.9", "203.0.113.9", "https"), (seen["Host"], seen["X-Real-IP"], seen["X-Forwarded-For"], seen["X-Forwarded-Proto"]));
        Assert.Equal(("app.example.org", "443", "for=203.0.113.9;host=app.example.org;proto=https"), (seen["X-Forwarded-Host"], seen["X-Forwarded-Port"], seen["Forwarded"]));
        Assert.Equal(("trailers", "a=1; b=2", "mine", "5"), (seen["TE"], seen["Cookie"], seen["traceparent"], seen["Content-Length"]));
        Assert.Equal(("text/plain; charset=utf-8", "\u00e4"), (seen["Content-Type"], seen["X-Own"]));
        Assert.DoesNotContain(seen, header => header.Key.Contains('_', StringComparison.Ordinal) || header.Value.Contains("6.6.6.6", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_comes_back_with_the_routes_headers()
    {
        await using H2Backend backend = await H2Backend.StartAsync(async context =>
        {
            context.Response.StatusCode = 418;
            context.Response.Headers.Append("Set-Cookie", "a=1");
            context.Response.Headers.Append("Set-Cookie", "b=2");
            context.Response.Headers["X-Frame-Options"] = "ALLOW";
            context.Response.Headers["Proxy-Authenticate"] = "Basic";
            context.Response.ContentLength = 3;
            await context.Response.WriteAsync("tea");
        });
        await using H2Front front = await H2Front.ToAsync(backend.Address);
        using HttpResponseMessage response = await front.Client.GetAsync(new Uri("/", UriKind.Relative));
        Assert.Equal((418, "tea", 3), ((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Content.Headers.ContentLength));
        Assert.Equal(["a=1", "b=2"], response.Headers.GetValues("Set-Cookie"));
        Assert.Equal(["DENY"], response.Headers.GetValues("X-Frame-Options"));
        Assert.False(response.Headers.Contains("Proxy-Authenticate") || response.Headers.Contains("traceparent"));
        await Eventually.IsTrueAsync(() => !front.Ended.IsEmpty, "the exchange ended");
        Exchange ended = front.Ended.Single();
        Assert.Equal((0, 3, $"127.0.0.1:{backend.Port}"), (ended.UpBytes, ended.DownBytes, ended.Backend.ToString()));
        Assert.Equal(0, front.Route.Pool.Servers[0].Active);
    }

    [Fact]
    public async Task Trailers_follow_a_body()
    {
        await using H2Backend backend = await H2Backend.StartAsync(async context =>
        {
            await context.Response.WriteAsync("message");
            context.Response.AppendTrailer("grpc-status", "0");
            context.Response.AppendTrailer("Connection", "close");
        });
        await using H2Front front = await H2Front.ToAsync(backend.Address);
        using HttpResponseMessage response = await front.Client.GetAsync(new Uri("/", UriKind.Relative));
        Assert.Equal("message", await response.Content.ReadAsStringAsync());
        Assert.Equal(["0"], response.TrailingHeaders.GetValues("grpc-status"));
        Assert.False(response.TrailingHeaders.Contains("Connection"));
    }

    [Fact]
    public async Task An_answer_that_is_only_headers_ends_with_them()
    {
        await using H2Backend backend = await H2Backend.StartAsync(context =>
        {
            context.Response.Headers["grpc-status"] = "12";
            return Task.CompletedTask;
        });
        await using H2Front front = await H2Front.ToAsync(backend.Address);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Content = new ByteArrayContent([1, 2, 3]);
        using HttpResponseMessage response = await front.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(["12"], response.Headers.GetValues("grpc-status"));
        // A stream with more than its headers would not know yet that nothing comes.
        ValueTask<int> reading = (await response.Content.ReadAsStreamAsync()).ReadAsync(new byte[1]);
        Assert.True(reading.IsCompleted);
        Assert.Equal(0, await reading);
    }

    [Fact]
    public async Task Both_directions_stream_at_once()
    {
        await using H2Backend backend = await H2Backend.StartAsync(async context =>
        {
            await context.Response.Body.FlushAsync();
            byte[] buffer = new byte[100];
            while (await context.Request.Body.ReadAsync(buffer) is > 0 and int bytes)
            {
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, bytes));
                await context.Response.Body.FlushAsync();
            }
            context.Response.AppendTrailer("grpc-status", "0");
        });
        await using H2Front front = await H2Front.ToAsync(backend.Address);
        using var content = new Dialogue();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content };
        using HttpResponseMessage response = await front.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Stream down = await response.Content.ReadAsStreamAsync();
        byte[] heard = new byte[4];
        for (int turn = 0; turn < 20; turn++)
        {
            byte[] said = Encoding.ASCII.GetBytes($"{turn:d4}");
            await content.SayAsync(said);
            await down.ReadExactlyAsync(heard).AsTask().WaitAsync(Loopback.Patience);
            Assert.Equal(said, heard);
        }
        content.End();
        Assert.Equal(0, await down.ReadAsync(heard).AsTask().WaitAsync(Loopback.Patience));
        Assert.Equal(["0"], response.TrailingHeaders.GetValues("grpc-status"));
        await Eventually.IsTrueAsync(() => !front.Ended.IsEmpty, "the exchange ended");
        Assert.Equal((80, 80), (front.Ended.Single().UpBytes, front.Ended.Single().DownBytes));
    }

    [Fact]
    public async Task Large_bodies_arrive_whole_both_ways()
    {
        await using H2Backend backend = await H2Backend.StartAsync(async context =>
        {
            // All of it first: a client need not read before it has sent.
            using var whole = new MemoryStream();
            await context.Request.Body.CopyToAsync(whole);
            await context.Response.Body.WriteAsync(whole.ToArray());
        });
        await using H2Front front = await H2Front.ToAsync(backend.Address);
        byte[] sent = new byte[3_000_000];
        new Random(7).NextBytes(sent);
        using HttpResponseMessage response = await front.Client.PostAsync(new Uri("/", UriKind.Relative), new ByteArrayContent(sent));
        Assert.Equal(sent, await response.Content.ReadAsByteArrayAsync());
    }
}
