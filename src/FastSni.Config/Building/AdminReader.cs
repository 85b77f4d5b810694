using System.Collections.Immutable;
using FastSni.Config.Ini;
using FastSni.Config.Schema;
using FastSni.Wire;

namespace FastSni.Config.Building;

/// <param name="listeners">What the admin address must leave alone.</param>
internal sealed class AdminReader(List<ListenerDraft> listeners, Findings findings)
{
    public AdminOptions Read(IniSection section)
    {
        string socket = section.Get(AdminKeys.Socket)!;
        ImmutableArray<ListenEndpoint> endpoints = [.. (section.Get(AdminKeys.Address) ?? []).SelectMany(sockets => sockets)];
        ImmutableArray<AddressPrefix> allow = [.. (section.Get(AdminKeys.Allow) ?? []).Select(AddressPrefix.Of)];
        string? tokenFile = section.FileOf(AdminKeys.TokenFile);
        CheckTaken(section, endpoints);
        CheckToken(section, tokenFile);
        WarnOfUse(section, endpoints, allow, tokenFile);
        return new AdminOptions(socket == AdminKeys.SocketOff ? null : socket)
        {
            Endpoints = endpoints,
            Allow = allow.IsEmpty ? AddressPrefix.Loopback : allow,
            TokenFile = tokenFile,
        };
    }

    private void CheckTaken(IniSection section, ImmutableArray<ListenEndpoint> endpoints)
    {
        for (int i = 0; i < endpoints.Length; i++)
        {
            ListenEndpoint endpoint = endpoints[i];
            if (endpoints.Take(i).Any(other => IsSame(other, endpoint)))
                findings.Error(section, AdminKeys.Address, $"{endpoint} is in this list twice");
            else if (listeners.Find(draft => draft.Endpoints.Any(other => IsSame(other, endpoint))) is { } listener)
                findings.Error(section, AdminKeys.Address, $"{endpoint} is taken by listener {listener.Section.Name}: write another address or port");
        }
    }

    private static bool IsSame(ListenEndpoint one, ListenEndpoint other) => one.Port == other.Port && one.Address.Equals(other.Address);

    private void CheckToken(IniSection section, string? file)
    {
        if (file is null)
            return;
        AdminToken token = AdminToken.Read(file);
        if (token.Error is { } error)
            findings.Error(section, AdminKeys.TokenFile, $"{file}: {error}");
        if (token.IsReadableByAll)
            findings.Warn(section, AdminKeys.TokenFile, $"every user of this machine may read {file}: chmod o-r, and make a new token");
    }

    private void WarnOfUse(IniSection section, ImmutableArray<ListenEndpoint> endpoints, ImmutableArray<AddressPrefix> allow, string? tokenFile)
    {
        const string NoAddress = "without address nobody can connect, so this does nothing: write address = 127.0.0.1:9180, or remove this key";
        if (endpoints.IsEmpty && !allow.IsEmpty)
            findings.Warn(section, AdminKeys.Allow, NoAddress);
        if (endpoints.IsEmpty && tokenFile is not null)
            findings.Warn(section, AdminKeys.TokenFile, NoAddress);
        if (allow.IsEmpty && endpoints.FirstOrDefault(endpoint => endpoint.IsWildcard) is { } wildcard)
        {
            findings.Warn(section, AdminKeys.Address,
                $"{wildcard} is every address, but without allow only this machine is served: write 127.0.0.1:{wildcard.Port}, or allow = 192.168.0.0/16");
        }
    }
}
