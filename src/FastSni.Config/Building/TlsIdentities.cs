using System.Text;
using FastSni.Config.Ini;
using FastSni.Config.Names;
using FastSni.Config.Schema;

namespace FastSni.Config.Building;

/// <summary>
/// Finds out how connections to each offload section are secured. Sections that share a name, directly or by way of others, form a group that has one
/// certificate, one key and one client-ca: given once is enough, and differing is an error.
/// </summary>
internal sealed class TlsIdentities
{
    private readonly CertificateFiles _files;
    private readonly Findings _findings;
    private readonly Dictionary<SectionDraft, TlsIdentity> _identities = [];

    public TlsIdentities(IniSection defaults, List<SectionDraft> sections, IEnumerable<(SectionDraft, SectionDraft)> shares, CertificateFiles files, Findings findings)
    {
        (_files, _findings) = (files, findings);
        Pair standard = ReadPair([defaults], DefaultKeys.Certificate, DefaultKeys.CertificateKey);
        Default = new TlsIdentity(standard.Certificate, standard.Key, null);
        foreach (SectionDraft[] group in Groups([.. sections.Where(section => section.IsOffload)], shares))
            Settle(group, standard);
    }

    /// <summary>The certificate of names that no section has.</summary>
    public TlsIdentity Default { get; }

    public TlsIdentity Of(SectionDraft offload) => _identities[offload];

    /// <summary>A chain and its key; null where there is none, or half of it.</summary>
    private sealed record Pair(string? Certificate, string? Key, CertificateNames? Names);

    private void Settle(SectionDraft[] group, Pair standard)
    {
        IniSection[] sections = [.. group.Select(draft => draft.Section)];
        Pair own = ReadPair(sections, OffloadKeys.Certificate, OffloadKeys.CertificateKey);
        Pair pair = own.Certificate is null ? standard : own;
        FileUse? clientCa = Agree(sections, OffloadKeys.ClientCa);
        if (clientCa is not null)
            _files.CheckCa(clientCa);
        foreach (SectionDraft draft in group)
        {
            _identities.Add(draft, new TlsIdentity(pair.Certificate, pair.Key, clientCa?.File));
            WarnOfNames(draft, pair);
        }
    }

    private Pair ReadPair(IniSection[] sections, Key<string> certificateKey, Key<string> keyKey)
    {
        FileUse? certificate = Agree(sections, certificateKey);
        FileUse? key = Agree(sections, keyKey);
        if (certificate is not null && key is not null)
            return new Pair(certificate.File, key.File, _files.CheckPair(certificate, key));
        // One that is written but wrong has its own error.
        if (certificate is not null && !Array.Exists(sections, section => section.Has(keyKey)))
            _findings.Error(certificate.Section, keyKey, "missing: write where the certificate's key is, such as certbot's privkey.pem");
        if (key is not null && !Array.Exists(sections, section => section.Has(certificateKey)))
            _findings.Error(key.Section, certificateKey, "missing: write where the key's certificate is, such as certbot's fullchain.pem, or remove the key");
        return new Pair(null, null, null);
    }

    /// <summary>The one file that sections name by a key.</summary>
    private FileUse? Agree(IniSection[] sections, Key<string> key)
    {
        FileUse? agreed = null;
        foreach (IniSection section in sections)
        {
            if (section.FileOf(key) is not { } file)
                continue;
            agreed ??= new FileUse(section, key, file);
            if (agreed.File != file)
            {
                _findings.Error(section, key, $"{file} is not what [{agreed.Section.Title}] has at {agreed.Section.PlaceOf(key)}: " +
                    "sections that share a name have one certificate, one key and one client-ca; write the same, or write it once");
            }
        }
        return agreed;
    }

    private void WarnOfNames(SectionDraft draft, Pair pair)
    {
        if (pair.Names is null || !draft.Section.TryGet(draft.Names, out string[]? written))
            return;
        string[] uncovered = [.. written.SelectMany(PatternsOf).Where(pattern => !pair.Names.Cover(pattern))];
        if (uncovered.Length == 0)
            return;
        string others = uncovered.Length > 1 ? $" and {uncovered.Length - 1} more of these names" : "";
        _findings.Warn(draft.Section, draft.Names, $"{pair.Certificate} is not for {uncovered[0]}{others}: clients will refuse it");
    }

    /// <summary>`.example.org` is two.</summary>
    private static IEnumerable<string> PatternsOf(string written)
    {
        if (!NamePattern.TryParse(Encoding.UTF8.GetBytes(written), out NamePattern pattern, out _))
            return [];
        string exact = Encoding.ASCII.GetString(pattern.Exact);
        string suffix = Encoding.ASCII.GetString(pattern.Suffix);
        return (exact, suffix) switch
        {
            ("", _) => ["*" + suffix],
            (_, "") => [exact],
            _ => [exact, "*" + suffix],
        };
    }

    private static IEnumerable<SectionDraft[]> Groups(SectionDraft[] sections, IEnumerable<(SectionDraft, SectionDraft)> shares)
    {
        Dictionary<SectionDraft, SectionDraft> leaders = sections.ToDictionary(section => section);
        foreach ((SectionDraft first, SectionDraft second) in shares)
            leaders[LeaderOf(first)] = LeaderOf(second);
        return sections.GroupBy(LeaderOf).Select(group => group.ToArray());

        SectionDraft LeaderOf(SectionDraft section)
        {
            while (leaders[section] != section)
                section = leaders[section] = leaders[leaders[section]];
            return section;
        }
    }
}
