using FastSni.Compare.Contenders;

namespace FastSni.Compare.Modes;

/// <summary>One question asked of every contender.</summary>
internal abstract class Mode(string name, string title)
{
    public string Name { get; } = name;
    public string Title { get; } = title;

    /// <summary>In the order of the table's columns.</summary>
    public abstract IReadOnlyList<Metric> Metrics { get; }

    /// <summary>Whether it makes sense with nothing between client and backend.</summary>
    protected virtual bool TakesDirect => false;

    public virtual bool Takes(Contender contender) => contender is DirectContender ? TakesDirect : contender.Forwards;

    /// <summary>Why nothing can be measured on this machine, or null.</summary>
    public virtual string? Absence => null;

    /// <summary>Counts do not vary from run to run: one repetition is enough.</summary>
    public virtual bool IsExact => false;

    public abstract Sample Measure(Contender contender, Bench bench);
}
