using FastSni.Config.Ini;
using FastSni.Config.Schema;

namespace FastSni.Config.Building;

internal sealed class PassthroughReader(NameCollector names, Findings findings)
{
    private readonly BackendReader _backends = new(findings);

    public PassthroughSection Read(SectionDraft draft)
    {
        BackendOptions backend = _backends.Read(draft.Section, PassthroughKeys.Backend, names.FirstNameOf(draft));
        return new PassthroughSection
        {
            Name = draft.Section.Name,
            Index = draft.Index,
            Names = draft.WrittenNames,
            Backend = backend,
            HttpBackend = draft.HasHttpBackend ? ReadHttp(draft.Section, backend) : null,
        };
    }

    private HttpBackendOptions ReadHttp(IniSection section, BackendOptions backend)
    {
        HttpBackendOptions options = new()
        {
            Servers = [.. section.Get(PassthroughKeys.HttpBackend)!],
            Balance = backend.Balance,
            Verification = BackendVerification.Off,
        };
        _backends.CheckTwice(section, PassthroughKeys.HttpBackend, options);
        // A tls check asks the encrypted port; on this one a connection must do. Without a port there is nothing to ask.
        return backend.HealthCheck is { } check && options.Servers.All(BackendReader.HasPort)
            ? options with { HealthCheck = check with { Kind = HealthCheckKind.Tcp, Name = null } }
            : options;
    }
}
