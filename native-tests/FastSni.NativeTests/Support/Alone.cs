using Xunit;

namespace FastSni.NativeTests.Support;

/// <summary>
/// Tests that measure or take something the whole process shares (garbage, descriptors, pipes) run one at a time, after all others.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
