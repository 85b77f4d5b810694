using FastSni.Tests.Wire;

namespace FastSni.NativeTests.Support;

internal static class Hellos
{
    internal static byte[] App { get; } = For("app.example.org");

    internal static byte[] Nameless { get; } = HelloBuilder.Record(HelloBuilder.Message(HelloBuilder.Alpn("h2")));

    internal static byte[] For(string name) =>
        HelloBuilder.Record(HelloBuilder.Message(HelloBuilder.ServerName(name), HelloBuilder.Alpn("h2", "http/1.1")));
}
