using FastSni.Passthrough;
using FastSni.Telemetry;
using Xunit;

namespace FastSni.Tests.Passthrough;

public class OldestSessionsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(1_000)]
    public void The_oldest_stay_in_whatever_order_they_come(int sessionsMax)
    {
        // Several share a moment: there the id decides.
        SessionView[] sessions = [.. Enumerable.Range(1, 300).Select(number => View(id: number, acceptedMicros: number / 3))];
        SessionView[] mixed = [.. sessions];
        new Random(4).Shuffle(mixed);
        OldestSessions oldest = new(sessionsMax);
        foreach (SessionView session in mixed)
        {
            if (oldest.Wants(session.AcceptedMicros, session.Id))
                oldest.Add(session);
        }
        Assert.Equal(sessions.Take(sessionsMax).Select(session => session.Id), oldest.All.Select(session => session.Id).Order());
    }

    [Fact]
    public void A_younger_one_is_not_wanted_once_the_list_is_full()
    {
        OldestSessions oldest = new(sessionsMax: 1);
        Assert.True(oldest.Wants(acceptedMicros: 5, id: 5));
        oldest.Add(View(id: 5, acceptedMicros: 5));
        Assert.Equal([false, false, true, true], [oldest.Wants(6, 1), oldest.Wants(5, 6), oldest.Wants(5, 4), oldest.Wants(4, 9)]);
    }

    private static SessionView View(long id, long acceptedMicros) =>
        new() { Id = id, Listener = "https", Client = default, Name = [], Route = "", Phase = "open", AcceptedMicros = acceptedMicros, AgeMicros = 0 };
}
