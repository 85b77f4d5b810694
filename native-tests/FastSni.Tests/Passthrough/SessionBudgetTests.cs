using FastSni.Passthrough;
using Xunit;

namespace FastSni.Tests.Passthrough;

public class SessionBudgetTests
{
    [Theory]
    [InlineData(1_048_576, 100_000)]    // The ceiling of auto.
    [InlineData(20_000, 8_722)]
    [InlineData(1_024, 420)]
    [InlineData(256, 84)]
    [InlineData(64, 1)]
    [InlineData(0, 1)]
    public void Auto_is_what_the_descriptors_carry_with_some_left_for_pipes(long openFiles, int sessions) =>
        Assert.Equal(sessions, SessionBudget.Of(configured: null, openFiles, workers: 0, listenEndpoints: 0));

    [Theory]
    [InlineData(100, 20_000, 100)]
    [InlineData(200_000, 1_048_576, 200_000)]
    [InlineData(8_722, 20_000, 8_722)]
    [InlineData(8_723, 20_000, 8_722)]
    [InlineData(1_000, 256, 84)]
    [InlineData(1_000, 10, 1)]
    public void A_number_of_the_operators_holds_up_to_what_the_descriptors_carry(int configured, long openFiles, int sessions) =>
        Assert.Equal(sessions, SessionBudget.Of(configured, openFiles, workers: 0, listenEndpoints: 0));

    [Theory]
    [InlineData(1_048_576, 4, 1_024)]
    [InlineData(20_000, 2, 623)]
    [InlineData(256, 2, 6)]
    [InlineData(64, 2, 0)]
    [InlineData(0, 2, 0)]
    public void A_worker_has_its_part_of_the_pipes(long openFiles, int workers, int pipes) => Assert.Equal(pipes, SessionBudget.PipesOf(openFiles, workers));

    [Fact]
    public void Every_session_its_backend_and_its_pipes_find_a_descriptor()
    {
        const int Workers = 16, Endpoints = 6, Taken = 64 + Workers * (2 + Endpoints);
        for (long openFiles = Taken + 2; openFiles < 5_000; openFiles += 7)
        {
            long forPipes = 2L * Workers * SessionBudget.PipesOf(openFiles - Taken + 64, Workers);
            Assert.InRange(2L * SessionBudget.Of(null, openFiles, Workers, Endpoints), 2, Math.Max(2, openFiles - Taken - forPipes));
            Assert.InRange(2L * SessionBudget.Of(int.MaxValue, openFiles, Workers, Endpoints), 2, Math.Max(2, openFiles - Taken - forPipes));
        }
    }
}
