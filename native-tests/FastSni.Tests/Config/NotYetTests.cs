using Xunit;

namespace FastSni.Tests.Config;

/// <summary>Every name of the interface is known; one whose part of the program is missing says so, with what to do.</summary>
public class NotYetTests
{
    [Theory]
    [InlineData("[acme]\n", "4: [acme]: certificates by ACME are not built into this version yet: remove this section; a " +
        "passthrough backend gets its own certificates")]
    [InlineData("[acme]\nemail = a@example.org",
        "4: [acme]: certificates by ACME are not built into this version yet: remove this section; a passthrough backend gets its own certificates")]
    [InlineData("[default]\ncertificate = auto",
        "5: [default] certificate: certificate = auto is not built into this version yet: write the path of a PEM file, or leave the key out for a " +
        "self-signed certificate")]
    [InlineData("[offload:a]\ncertificate = Auto\nnames = a.org\nbackend = http://x",
        "5: [offload:a] certificate: certificate = auto is not built into this version yet: write the path of a PEM file, or leave the key out for a " +
        "self-signed certificate")]
    [InlineData("[listen:a]\nmode = quic\naddress = :443",
        "5: [listen:a] mode: mode = quic is reserved and not built into this version yet: write tls, http or tcp")]
    public void A_name_whose_room_is_missing_says_so(string text, string message) =>
        Assert.Equal([$"fastsni.ini:{message}"], ConfigFolder.ErrorsOf($"{ConfigFolder.Reject}{text}\n"));

    [Theory]
    [InlineData("[default]\ncertificate =\ncertificate-key =")]
    [InlineData("[passthrough:a]\nhttp-backend =\nbackend = x\nnames = a.org")]
    [InlineData("[passthrough:a]\nhealth-check = off\nhealth-interval = 5s\nhealth-name = b.org\nbackend = x\nnames = a.org")]
    public void Such_a_key_may_stand_there_switched_off(string text) => Assert.Empty(ConfigFolder.ErrorsOf($"{ConfigFolder.Reject}{text}\n"));

    [Theory]
    [InlineData("[acme]\nagree-terms = maybe\nemial = x",
        "fastsni.ini:5: [acme] agree-terms: \"maybe\" is not known here: write on, off, yes, no, true or false",
        "fastsni.ini:6: [acme] emial: unknown key: did you mean email?")]
    public void Mistakes_inside_are_still_found(string text, params string[] messages) =>
        Assert.Equal(messages, ConfigFolder.ErrorsOf($"{ConfigFolder.Reject}{text}\n").Skip(1));

    [Theory]
    [InlineData("on")]
    [InlineData("off")]
    [InlineData("yes")]
    [InlineData("no")]
    [InlineData("True")]
    [InlineData("FALSE")]
    public void A_switch_has_six_words(string word) =>
        Assert.Single(ConfigFolder.ErrorsOf($"{ConfigFolder.Reject}[acme]\nagree-terms = {word}\n"));
}
