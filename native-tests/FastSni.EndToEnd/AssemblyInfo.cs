using System.Runtime.Versioning;

// Two test classes at a time: the machine these tests are written for has two cores, and every test runs a gateway of its own.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
[assembly: SupportedOSPlatform("linux")]

namespace FastSni.EndToEnd;

/// <summary>Tests that count CPU ticks, descriptors or memory run with nothing beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
