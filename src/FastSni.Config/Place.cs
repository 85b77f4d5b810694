namespace FastSni.Config;

/// <summary>Where something stands: a file and a line (1-based; 0 where no line applies).</summary>
internal readonly record struct Place(string File, int Line)
{
    public override string ToString() => Line > 0 ? $"{File}:{Line}" : File;
}
