using FastSni.Config.Schema;

namespace FastSni.Config.Rules;

/// <summary>`header.NAME`: the value of a response header (RFC 9110 section 5.5), without the bytes beyond ASCII that it calls opaque.</summary>
internal sealed class HeaderValueRule : Rule<string>
{
    private const int CharactersMax = 8192;

    public override bool TryRead(string text, List<string> problems, out string value)
    {
        value = text;
        if (text.Length == 0)
            return Fail(problems, "no value given: write one, or remove the key");
        if (text.Length > CharactersMax)
            return Fail(problems, $"the value is longer than {CharactersMax} characters: use a shorter one");
        return text.All(character => character is >= ' ' and < '\u007F' or '\t')
            || Fail(problems, $"{Quote.Of(text)}: a header's value holds letters of ASCII and no control characters");
    }
}

/// <summary>`backend-verify`: a switch, or the path of a CA file as written.</summary>
internal sealed class VerificationRule : Rule<BackendVerification>
{
    private static readonly Rule<bool> Switch = SwitchRule.Create();

    public override bool TryRead(string text, List<string> problems, out BackendVerification value)
    {
        value = BackendVerification.On;
        if (text.Length == 0)
            return Fail(problems, "no value given: write on, off, or the path of a PEM file with the CA's certificate");
        value = Switch.TryRead(text, [], out bool isOn) ? isOn ? BackendVerification.On : BackendVerification.Off : new(true, text);
        return true;
    }
}
