using System.Runtime.InteropServices;
using FastSni.Linux;
using Xunit;

namespace FastSni.NativeTests.Linux;

public class OpenSslTests
{
    private const int ModeCommand = 33, ReleaseBuffers = 0x10;

    [Fact]
    public void A_context_made_afterwards_gives_its_buffers_back()
    {
        Assert.True(OpenSsl.TryReleaseIdleBuffers());
        Assert.True(OpenSsl.TryReleaseIdleBuffers());   // Nothing happens twice.

        nint context = NewContext(Method());

        Assert.NotEqual(0, context);
        Assert.Equal(ReleaseBuffers, Control(context, ModeCommand, 0, 0) & ReleaseBuffers);
        FreeContext(context);
    }

    [DllImport("libssl.so.3", EntryPoint = "TLS_method")]
    private static extern nint Method();

    [DllImport("libssl.so.3", EntryPoint = "SSL_CTX_new")]
    private static extern nint NewContext(nint method);

    [DllImport("libssl.so.3", EntryPoint = "SSL_CTX_ctrl")]
    private static extern nint Control(nint context, int command, nint number, nint pointer);

    [DllImport("libssl.so.3", EntryPoint = "SSL_CTX_free")]
    private static extern void FreeContext(nint context);
}
