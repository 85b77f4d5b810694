using FastSni.Config.Ini;
using FastSni.Config.Rules;
using FastSni.Config.Schema;
using K = FastSni.Config.Schema.OffloadKeys;

namespace FastSni.Config.Building;

internal sealed class OffloadReader(NameCollector names, CertificateFiles certificates, Findings findings)
{
    private const string OnlyHttps = "only an https:// backend shows a certificate: remove this key, or write https:// before each server";

    private readonly BackendReader _backends = new(findings);

    public OffloadSection Read(SectionDraft draft, TlsIdentity tls)
    {
        IniSection section = draft.Section;
        return new OffloadSection
        {
            Name = section.Name,
            Index = draft.Index,
            Names = draft.WrittenNames,
            Backend = ReadBackend(draft),
            Path = draft.Path,
            Tls = tls,
            Hsts = section.Get(K.Hsts),
            ResponseHeaders = ResponseHeaders.Read(section, findings),
            MaxBodyBytes = section.Get(K.MaxBody),
            Limits = new HttpLimits((int)section.Get(K.MaxHeaderSize), section.Get(K.MaxStreams), section.Get(K.MinBodyRate)),
        };
    }

    private HttpBackendOptions ReadBackend(SectionDraft draft)
    {
        IniSection section = draft.Section;
        if (!section.Has(K.Backend))
            findings.Error(section, K.Backend, "missing: write where to forward to, such as backend = http://192.168.99.20:8080");
        UrlServer[] servers = section.Get(K.Backend) ?? [];
        HttpScheme scheme = servers.Length > 0 ? servers[0].Scheme : HttpScheme.Http;
        if (Array.Exists(servers, server => server.Scheme != scheme))
            findings.Error(section, K.Backend, "the servers of one list speak the same: write one of http://, https:// and h2c:// before all of them");
        else if (servers.Length > 0 && scheme != HttpScheme.Https)
            ForbidTls(section);
        string? serverName = section.Get(K.BackendName);
        HttpBackendOptions options = new()
        {
            Servers = [.. servers.Select(server => server.Address)],
            Scheme = scheme,
            Balance = section.Get(K.Balance),
            Verification = scheme == HttpScheme.Https ? ReadVerification(section) : BackendVerification.Off,
            ServerName = serverName,
            ResponseTimeout = section.Get(K.ResponseTimeout),
            HealthCheck = section.Get(K.HealthCheck) is { } kind
                ? new HealthCheckOptions(kind, section.Get(K.HealthInterval), HealthNameOf(draft, kind), section.Get(K.HealthPath)!)
                : null,
        };
        _backends.CheckTwice(section, K.Backend, options);
        return options;
    }

    // A check looks like what clients send on: to most servers the host they ask for.
    private string? HealthNameOf(SectionDraft draft, HealthCheckKind kind) =>
        draft.Section.Get(K.HealthName) ?? (kind == HealthCheckKind.Tls ? draft.Section.Get(K.BackendName) : null) ?? names.FirstNameOf(draft);

    private void ForbidTls(IniSection section)
    {
        foreach (Key key in new Key[] { K.BackendVerify, K.BackendName }.Where(section.Has))
            findings.Error(section, key, OnlyHttps);
        if (section.Get(K.HealthCheck) == HealthCheckKind.Tls)
            findings.Error(section, K.HealthCheck, "a tls check needs an https:// backend: write tcp or http, or https:// before each server");
    }

    private BackendVerification ReadVerification(IniSection section)
    {
        BackendVerification written = section.Get(K.BackendVerify)!;
        if (written.CaFile is null)
            return written;
        string file = section.FileAt(K.BackendVerify, written.CaFile);
        certificates.CheckCa(new FileUse(section, K.BackendVerify, file));
        return written with { CaFile = file };
    }
}
