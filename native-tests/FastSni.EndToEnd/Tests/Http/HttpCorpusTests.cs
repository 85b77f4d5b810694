using System.Collections.Concurrent;
using System.Text;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Http;

/// <summary>Requests that have split proxies: refused, or one request of the same meaning.</summary>
public sealed class HttpCorpusTests
{
    private const int Concurrency = 16;

    private static readonly byte[] Normal = Encoding.ASCII.GetBytes("GET /normal HTTP/1.1\r\nHost: a\r\n\r\n");

    [Theory]
    [InlineData("Offload")]
    [InlineData("Plain")]
    public Task Every_request_is_refused_or_arrives_once_as_it_was_meant(string room) => PlayAllAsync(room, row => (row.Bytes, 0));

    [Theory]
    [InlineData("Offload")]
    [InlineData("Plain")]
    public Task Every_request_in_two_segments_is_treated_the_same(string room) => PlayAllAsync(room, row => (row.Bytes, row.Bytes.Length / 2));

    [Theory]
    [InlineData("Offload")]
    [InlineData("Plain")]
    public Task Every_request_before_a_normal_one_leaves_that_one_alone(string room) => PlayAllAsync(room, row => ([.. row.Bytes, .. Normal], 0));

    private static async Task PlayAllAsync(string roomName, Func<HttpRow, (byte[] Bytes, int Cut)> form)
    {
        HttpRoom room = Enum.Parse<HttpRoom>(roomName);
        using WireBackend backend = WireBackend.Start();
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(backend.Url));
        HttpJudge judge = new(gateway, room, backend);
        ConcurrentBag<string> complaints = [];
        await Parallel.ForEachAsync(HttpCorpus.All, new ParallelOptions { MaxDegreeOfParallelism = Concurrency }, async (row, _) =>
        {
            try
            {
                (byte[] bytes, int cut) = form(row);
                if (await judge.ComplaintAsync(bytes, cut) is { } complaint)
                    complaints.Add($"{row.Id}: {complaint}");
            }
            catch (Exception wrong) when (wrong is not OutOfMemoryException)
            {
                complaints.Add($"{row.Id}: {wrong.Message}");
            }
        });
        gateway.AssertAlive();
        Assert.True(complaints.IsEmpty, $"{complaints.Count} of {HttpCorpus.All.Count}:\n{string.Join('\n', complaints.Order())}");
        backend.AssertWellFormed();
    }
}
