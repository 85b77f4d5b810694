using FastSni.Passthrough;
using Xunit;

namespace FastSni.Tests.Passthrough;

public class TokenTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(99_999)]
    [InlineData((1 << 30) - 1)]
    public void A_token_gives_back_its_kind_and_slot(int slot)
    {
        foreach (TokenKind kind in Enum.GetValues<TokenKind>())
        {
            Token token = new(kind, slot, generation: uint.MaxValue, attempt: int.MaxValue);
            Assert.Equal((kind, slot), (token.Kind, token.Slot));
        }
    }

    [Fact]
    public void Every_part_tells_tokens_apart()
    {
        Token[] tokens =
        [
            new(TokenKind.Client, 7, 3), new(TokenKind.Backend, 7, 3), new(TokenKind.Client, 8, 3), new(TokenKind.Client, 7, 4),
            new(TokenKind.Backend, 7, 3, 1), new(TokenKind.Backend, 7, 3, 63), new(TokenKind.Client, 7, (1 << 26) - 1),
            new(TokenKind.Client, 7, 1 << 25),
        ];
        Assert.Equal(tokens.Length, tokens.Distinct().Count());
        Assert.Equal(tokens, tokens.Select(token => new Token(token.Value)));
    }

    [Fact]
    public void Generation_and_attempt_wrap_and_never_touch_the_rest()
    {
        Assert.Equal(new Token(TokenKind.Client, 7, 5), new Token(TokenKind.Client, 7, (1u << 26) + 5));
        Assert.Equal(new Token(TokenKind.Backend, 7, 5, 1), new Token(TokenKind.Backend, 7, 5, 65));
    }
}
