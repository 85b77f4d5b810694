using System.Collections.Concurrent;
using System.Net;

namespace FastSni.EndToEnd.Harness;

/// <summary>In the place of the gateway's admin address: answers as told, and keeps what it was asked.</summary>
internal sealed class BanDesk : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<string> _asked = new();

    public BanDesk()
    {
        Url = $"http://{Loopback.NextV4()}";
        _listener.Prefixes.Add(Url + "/");
        _listener.Start();
        Answering = AnswerAsync();
    }

    public string Url { get; }

    /// <summary>Statuses by method.</summary>
    public ConcurrentDictionary<string, int> Statuses { get; } = new() { ["POST"] = 201, ["DELETE"] = 204 };

    /// <summary>`METHOD PATH TOKEN BODY`</summary>
    public IReadOnlyCollection<string> Asked => _asked;

    private Task Answering { get; }

    public Task UntilAskedAsync(string request, Fail2ban by) =>
        Patience.UntilAsync(() => _asked.Contains(request), () => $"'{request}' among\n{string.Join('\n', _asked)}\n{by.Tail}", Patience.BulkLimit);

    public void Dispose()
    {
        _listener.Close();
        Answering.Wait(Patience.Limit);
    }

    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                using StreamReader body = new(context.Request.InputStream);
                string text = await body.ReadToEndAsync();
                context.Response.StatusCode = Statuses[context.Request.HttpMethod];
                if (context.Response.StatusCode != 204)
                    await context.Response.OutputStream.WriteAsync("{\"error\": \"as told\"}"u8.ToArray());
                context.Response.Close();
                _asked.Enqueue($"{context.Request.HttpMethod} {context.Request.RawUrl} {context.Request.Headers["Authorization"]} {text}".TrimEnd());
            }
        }
        catch (Exception) when (!_listener.IsListening)
        {
            // Closed.
        }
    }
}
