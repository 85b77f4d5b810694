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
    [InlineData(9_968, 20_000, 9_968)]
    [InlineData(9_969, 20_000, 9_968)]
    [InlineData(1_000, 256, 96)]
    [InlineData(1_000, 10, 1)]
    public void A_number_of_the_operators_holds_up_to_what_the_descriptors_carry(int configured, long openFiles, int sessions) =>
        Assert.Equal(sessions, SessionBudget.Of(configured, openFiles, workers: 0, listenEndpoints: 0));

    [Fact]
    public void Every_session_and_its_backend_find_a_descriptor()
    {
        const int Workers = 16, Endpoints = 6, Taken = 64 + Workers * (2 + Endpoints);
        for (long openFiles = Taken + 2; openFiles < 5_000; openFiles += 7)
        {
            Assert.InRange(2L * SessionBudget.Of(null, openFiles, Workers, Endpoints), 2, openFiles - Taken);
            Assert.InRange(2L * SessionBudget.Of(int.MaxValue, openFiles, Workers, Endpoints), 2, openFiles - Taken);
        }
    }
}
