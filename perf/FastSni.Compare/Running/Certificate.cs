using FastSni.Reports;

namespace FastSni.Compare.Running;

/// <summary>A self-signed ECDSA P-256 certificate for <see cref="Site.OffloadName"/>, made once a run.</summary>
/// <param name="BundlePath">Chain and key in one file, as haproxy wants it.</param>
internal sealed record Certificate(string ChainPath, string KeyPath, string BundlePath)
{
    public static Certificate Make(string directory)
    {
        string chain = Path.Combine(directory, "chain.pem"), key = Path.Combine(directory, "key.pem"), bundle = Path.Combine(directory, "bundle.pem");
        (int exitCode, string output) = Command.Run(new("openssl",
        [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-keyout", key, "-out", chain,
            "-subj", $"/CN={Site.OffloadName}", "-addext", $"subjectAltName=DNS:{Site.OffloadName}",
        ]));
        if (exitCode != 0)
            throw new MeasurementException($"openssl made no certificate: {output}");
        File.WriteAllText(bundle, File.ReadAllText(chain) + File.ReadAllText(key));
        return new(chain, key, bundle);
    }
}
