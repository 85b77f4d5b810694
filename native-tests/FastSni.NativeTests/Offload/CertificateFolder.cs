using FastSni.Config;

namespace FastSni.NativeTests.Offload;

/// <summary>A folder for one test's PEM files.</summary>
internal sealed class CertificateFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("fastsni-tls-").FullName;

    internal string PathOf(string file) => Path.Combine(_path, file);

    internal string Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(file))!);
        File.WriteAllText(PathOf(file), text);
        return PathOf(file);
    }

    /// <summary>Writes a site's files, and says how it is secured.</summary>
    internal TlsIdentity WriteSite(string name, TestCertificate certificate, TestAuthority? clientCa = null) => new(
        Write(name + ".pem", certificate.Chain), Write(name + ".key", certificate.Key), clientCa is null ? null : Write(name + ".ca", clientCa.Pem));

    /// <summary>Lets a name point to another file, as certbot does: there is a moment without it.</summary>
    internal string Link(string name, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.Delete(PathOf(name));
        File.CreateSymbolicLink(PathOf(name), target);
        return PathOf(name);
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
