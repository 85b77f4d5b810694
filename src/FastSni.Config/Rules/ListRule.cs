using FastSni.Config.Schema;

namespace FastSni.Config.Rules;

/// <summary>Items separated by commas. Everything wrong with any of them is reported.</summary>
/// <param name="noun">What an item is, for messages: `backend`.</param>
internal sealed class ListRule<T>(Rule<T> item, string noun, int max) : Rule<T[]>
{
    /// <summary>An empty value means an empty list, and is the default.</summary>
    public bool MayBeEmpty { get; init; }

    public override bool TryRead(string text, List<string> problems, out T[] value)
    {
        value = [];
        if (text.Length == 0)
            return MayBeEmpty || Fail(problems, $"no {noun} given: write one or more, separated by commas, or remove the key");
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length > max)
            return Fail(problems, $"{parts.Length} are too many: a list holds at most {max}");

        int before = problems.Count;
        List<T> items = new(parts.Length);
        foreach (string part in parts)
        {
            if (part.Length == 0)
                Fail(problems, $"an empty item in the list: remove the comma too many, or write the {noun} that is missing");
            else if (item.TryRead(part, problems, out T? read))
                items.Add(read);
        }
        value = [.. items];
        return problems.Count == before;
    }
}
