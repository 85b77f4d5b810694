using System.Text;
using FastSni.Config;

namespace FastSni.Commands;

/// <summary>What happens to a client of a given name on each listener, as rows of a word and its value.</summary>
/// <param name="alpn">null where it was not asked about.</param>
/// <param name="path">Of a request, as a client writes it.</param>
internal sealed class Explanation(Snapshot snapshot, string name, string? alpn, string path)
{
    private const string ChallengeFolder = "/.well-known/acme-challenge/";

    private readonly string _target = path.StartsWith('/') ? path : "/" + path;
    private readonly string _path = SitePath.Normalise(path);
    private List<(string What, string Value)> _rows = [];

    internal IReadOnlyList<(string What, string Value)> Of(Listener listener)
    {
        _rows = [];
        Add("listener", $"{listener.Name} ({string.Join(", ", listener.Endpoints)})");
        Add("name", name.Length > 0 ? name : "(none)");
        if (listener.Mode == ListenMode.Tcp)
            Forward("listen:" + listener.Name, "a tcp listener forwards everybody, whatever the name", listener.Backend!, listener);
        else if (listener.Mode == ListenMode.Http)
            ExplainHttp(listener);
        else
            ExplainTls(listener);
        return _rows;
    }

    private void ExplainTls(Listener listener)
    {
        if (alpn is not null)
            Add("alpn", $"{alpn}: every protocol follows the name alone");
        if (name.Length == 0)
            Follow(listener.NoName, "no-name-action: the client sends no server name", listener);
        else if (Find(listener) is not { } found)
            Follow(listener.UnknownName, "action: no section has this name", listener);
        else if (found.Sections[0] is PassthroughSection passthrough)
            Forward(passthrough.Label, found.Because, passthrough.Backend, listener);
        else
            Offload(SitePath.Choose(found.Sections.Cast<OffloadSection>(), _path), found.Because);
    }

    private void Follow(RouteAction action, string because, Listener listener)
    {
        if (action.Section is PassthroughSection passthrough)
            Forward(passthrough.Label, because, passthrough.Backend, listener);
        else if (action.Section is OffloadSection offload)
            Offload(offload, because);
        else if (action.IsOffload)
            Nobody("offload", because);
        else
            Route("reject", because);
    }

    private void Offload(OffloadSection? section, string because)
    {
        if (section is null)
        {
            Route("offload", $"{because}, but no section of the name has the path {_path}");
            Add("answer", "a page with status 404");
            return;
        }
        Route(section.Label, section.Path == "/" ? because : $"{because}, and its path {section.Path} is the longest that covers {_path}");
        Servers(section.Backend);
        Secure(section.Tls);
    }

    private void Nobody(string route, string because)
    {
        Route(route, because);
        Add("answer", $"a page with status {snapshot.DefaultSite.Status}");
        Secure(snapshot.DefaultSite.Tls);
    }

    private void ExplainHttp(Listener listener)
    {
        if (name.Length == 0)
        {
            Route("reject", "a request says which host it is for");
            Add("answer", "a page with status 400");
            return;
        }
        (string because, RouteSection? section) = Find(listener) is { } found
            ? (found.Because, found.Sections[0])
            : ("action: no section has this name", listener.UnknownName.Section);
        if (section is PassthroughSection { HttpBackend: { } http })
        {
            Route(section.Label, because);
            Servers(http, listener);
        }
        else if (section is OffloadSection && _path.StartsWith(ChallengeFolder, StringComparison.Ordinal))
        {
            Route("acme", $"{because}; challenges are answered here");
            Add("answer", "the file " + Path.Join(snapshot.Gateway.StateDirectory, "acme", _path[ChallengeFolder.Length..]));
        }
        else if (section is not null)
        {
            Route("redirect", $"{because}; {(section is OffloadSection ? "its TLS ends here" : "it has no http-backend")}");
            Add("answer", $"301 for GET and HEAD, else 308, to https://{Authority(section)}{_target}");
        }
        else
        {
            Route("reject", because);
            Add("answer", $"a page with status {snapshot.DefaultSite.Status}");
        }
    }

    /// <summary>Where https is for a section: on port 443, else on the first listener that has it.</summary>
    private string Authority(RouteSection section)
    {
        int[] ports = [.. snapshot.Listeners
            .Where(listener => listener.Mode == ListenMode.Tls
                && (Find(listener)?.Sections.Contains(section) ?? ReferenceEquals(listener.UnknownName.Section, section)))
            .SelectMany(listener => listener.Endpoints.Select(endpoint => endpoint.Port))];
        return ports.Length == 0 || ports.Contains(443) ? name : $"{name}:{ports[0]}";
    }

    private (string Because, RouteSection[] Sections)? Find(Listener listener)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        if (listener.Names.Explain(bytes) is not { } match)
            return null;
        RouteSection[] sections = [.. listener.Names.FindAll(bytes).Select(index => snapshot.Sections[index])];
        string how = match.Pattern.StartsWith('*') ? "the longest wildcard that covers it is" : sections.Length > 1 ? "these sections have the name" : "the section has the name";
        return ($"{how} {match.Pattern} in {string.Join(", ", sections.Select(section => $"[{section.Label}]"))}", sections);
    }

    private void Forward(string route, string because, BackendOptions backend, Listener listener)
    {
        Route(route, because);
        Servers(backend, listener);
        Add("proxy", Words.Of(backend.ProxyProtocol, backend.ProxyTlvs));
    }

    private void Servers(ServerList backend, Listener? listener = null)
    {
        string scheme = backend is HttpBackendOptions http ? Words.Of(http.Scheme) : "";
        Add("backend", string.Join(", ", backend.Servers.Select(server => TextOf(server, scheme, listener))));
        Add("balance", backend.Servers.Length > 1 ? Words.Of(backend.Balance) : "one server");
    }

    private void Secure(TlsIdentity tls)
    {
        Add("certificate", tls.Certificate ?? "self-signed, made in memory");
        Add("client-ca", tls.ClientCa ?? "none: no client certificate is asked for");
    }

    // A server without a port is asked at the port that the client connected to.
    private static string TextOf(ServerAddress server, string scheme, Listener? listener) => server.Kind == ServerKind.Unix ? server.Text
        : server.Port is not null || listener is null ? scheme + server.Text
        : $"{scheme}{server.Text}:{string.Join("|", listener.Endpoints.Select(endpoint => endpoint.Port).Distinct())}";

    private void Route(string route, string because)
    {
        Add("route", route);
        Add("because", because);
    }

    private void Add(string what, string value) => _rows.Add((what, value));
}
