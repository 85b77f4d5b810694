using System.Globalization;

namespace FastSni.EndToEnd.Harness;

/// <summary>curl(1), as an operator calls it at the admin address.</summary>
internal static class AdminCurl
{
    /// <returns>The status is 0 where there was no answer.</returns>
    public static async Task<(int Status, string Body)> AskAsync(string url, params string[] more)
    {
        ToolResult result = await Tool.RunAsync(
            Tool.Require("curl"), ["-q", "--silent", "--noproxy", "*", "--globoff", "--max-time", "15", "--write-out", "\n%{http_code}", .. more, url]);
        int end = result.Output.LastIndexOf('\n');
        return (int.Parse(result.Output.AsSpan(end + 1), NumberStyles.None, CultureInfo.InvariantCulture), result.Output[..end]);
    }
}
