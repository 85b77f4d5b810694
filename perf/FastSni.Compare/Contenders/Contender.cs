using FastSni.Compare.Running;

namespace FastSni.Compare.Contenders;

/// <summary>A program that may stand between client and backend. Workers and PROXY header as the site asks, access log off.</summary>
internal abstract class Contender(string name)
{
    public string Name { get; } = name;

    /// <summary>Can pass TLS through by its name.</summary>
    public virtual bool Forwards => true;

    /// <summary>Can end TLS and forward the HTTP inside.</summary>
    public virtual bool EndsTls => false;

    /// <summary>Can do both behind one address.</summary>
    public virtual bool DoesBoth => false;

    /// <summary>Processes it consists of once it is ready.</summary>
    public virtual int ProcessCount(Site site) => 1;

    /// <summary>Why it can't take part on this machine, or null.</summary>
    public virtual string? Absence => null;

    /// <summary>Its version for the report.</summary>
    public abstract string Version { get; }

    /// <summary>Writes its configuration into the site's directory; null = nothing stands between client and backend.</summary>
    public abstract CommandLine? Prepare(Site site);

    protected static string? AbsenceOf(string path) => File.Exists(path) ? null : $"{path} is not installed";
}
