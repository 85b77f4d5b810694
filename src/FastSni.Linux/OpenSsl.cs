using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FastSni.Linux;

/// <summary>The system's OpenSSL 3, where what .NET leaves as it is costs an idle connection most of its memory.</summary>
public static unsafe class OpenSsl
{
    private const int ContextClass = 1;         // CRYPTO_EX_INDEX_SSL_CTX, crypto.h.
    private const int ModeCommand = 33;         // SSL_CTRL_MODE, ssl.h.
    private const nint ReleaseBuffers = 0x10;   // SSL_MODE_RELEASE_BUFFERS.

    private static readonly Lazy<bool> Released = new(TryRegister);

    /// <summary>
    /// From now on connections give their record buffers, two of 17 kB, back between records (SSL_CTX_set_mode(3)). Holds for contexts made later. The way to
    /// a context that .NET makes is what OpenSSL calls for each new one (CRYPTO_get_ex_new_index(3)). False: there is no OpenSSL 3, and nothing is done.
    /// </summary>
    public static bool TryReleaseIdleBuffers() => Released.Value;

    private static bool TryRegister()
    {
        if (!NativeLibrary.TryLoad("libssl.so.3", out nint library)
            || !NativeLibrary.TryGetExport(library, "SSL_CTX_ctrl", out nint control)
            || !NativeLibrary.TryGetExport(library, "CRYPTO_get_ex_new_index", out nint newIndex))
            return false;
        // SAFETY: the signature of crypto.h. The library is never unloaded, nor does Begin go away.
        var register = (delegate* unmanaged[Cdecl]<int, nint, nint, delegate* unmanaged[Cdecl]<nint, nint, nint, int, nint, nint, void>, nint, nint, int>)newIndex;
        return register(ContextClass, 0, control, &Begin, 0, 0) >= 0;
    }

    // SAFETY: SSL_CTX_new calls it with the context, which has its mode by then; SSL_CTX_ctrl, which comes as the pointer, adds a bit to that.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Begin(nint context, nint value, nint data, int index, nint number, nint control) =>
        _ = ((delegate* unmanaged[Cdecl]<nint, int, nint, nint, nint>)control)(context, ModeCommand, ReleaseBuffers, 0);
}
