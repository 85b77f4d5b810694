using FastSni.Backends;
using Xunit;

namespace FastSni.Tests.Backends;

public class HealthVerdictTests
{
    /// <summary>Results as they come (+ well, - failed), and the verdict after each (u up, d down).</summary>
    [Theory]
    [InlineData("+--+--+", "uuuuuuu")]
    [InlineData("---", "uud")]
    [InlineData("---+-+-", "uuddddd")]
    [InlineData("----++", "uudddu")]
    [InlineData("---++--+---", "uudduuuuuud")]
    public void Three_failures_in_a_row_bring_a_server_down_and_two_successes_up_again(string results, string verdicts)
    {
        HealthVerdict verdict = new();
        bool wasDown = false;
        string seen = "";
        foreach (char result in results)
        {
            Assert.Equal(verdict.Record(result == '+'), verdict.IsDown != wasDown);
            wasDown = verdict.IsDown;
            seen += wasDown ? 'd' : 'u';
        }
        Assert.Equal(verdicts, seen);
    }
}
