using System.Text;
using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Config;

public class RouteTableTests
{
    private static readonly RouteTable Table = RouteTable.Create(
        ("example.org", 0), ("*.example.org", 1), ("*.deep.example.org", 2), ("a.deep.example.org", 3),
        (".both.net", 4), ("*.com", 5), ("localhost", 6));

    [Theory]
    [InlineData("example.org", 0, "example.org")]
    [InlineData("EXAMPLE.Org", 0, "example.org")]
    [InlineData("example.org.", 0, "example.org")]
    [InlineData("mail.example.org", 1, "*.example.org")]
    [InlineData("a.b.c.example.org", 1, "*.example.org")]
    [InlineData("deep.example.org", 1, "*.example.org")]
    [InlineData("x.deep.example.org", 2, "*.deep.example.org")]
    [InlineData("X.Y.Deep.Example.ORG.", 2, "*.deep.example.org")]
    [InlineData("a.deep.example.org", 3, "a.deep.example.org")]
    [InlineData("b.a.deep.example.org", 2, "*.deep.example.org")]
    [InlineData("both.net", 4, "both.net")]
    [InlineData("x.both.net", 4, "*.both.net")]
    [InlineData("anything.com", 5, "*.com")]
    [InlineData("localhost", 6, "localhost")]
    public void The_most_specific_entry_wins(string name, int section, string pattern)
    {
        Assert.Equal(section, Find(name));
        Assert.Equal(new RouteMatch(section, pattern), Table.Explain(Encoding.UTF8.GetBytes(name)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("com")]
    [InlineData("org")]
    [InlineData("xexample.org")]
    [InlineData("example.orgx")]
    [InlineData("example.org.evil.net")]
    [InlineData("both.net.")]
    [InlineData("x.localhost")]
    public void What_is_not_in_the_table_is_not_found(string name)
    {
        int expected = name == "both.net." ? 4 : -1;   // One trailing dot is ignored.
        Assert.Equal(expected, Find(name));
    }

    [Theory]
    [InlineData(".example.org")]
    [InlineData("..example.org")]
    [InlineData("a..example.org")]
    [InlineData(".a.example.org")]
    [InlineData("example.org..")]
    [InlineData("a.example.org..")]
    [InlineData("example..org")]
    public void An_empty_label_matches_nothing(string name) => Assert.Equal(-1, Find(name));

    [Theory]
    [InlineData("*.example.org", 1)]        // `*` is a label like any other; it never means the entry of that text.
    [InlineData("*.deep.example.org", 2)]
    [InlineData("*.nowhere.net", -1)]
    [InlineData("*", -1)]
    [InlineData("192.0.2.1", -1)]
    [InlineData("a.example.org:443", -1)]
    [InlineData("a\0.example.org", 1)]
    [InlineData("a.example.org\0", -1)]
    [InlineData("a.example.org\0.evil.net", -1)]
    [InlineData("é.example.org", 1)]
    [InlineData("exampl\u00E9.org", -1)]
    public void Odd_bytes_follow_the_rules_of_the_table(string name, int section) => Assert.Equal(section, Find(name));

    [Fact]
    public void Bytes_that_differ_by_more_than_case_are_different()
    {
        // The hash ignores bit 5 of every byte; comparing must not.
        RouteTable table = RouteTable.Create(("a-b.org", 0), ("x_y.org", 1));
        Assert.Equal(-1, table.Find("a\rb.org"u8));
        Assert.Equal(-1, table.Find("x\u007Fy.org"u8));
        Assert.Equal(0, table.Find("A-B.ORG"u8));
        Assert.Equal(1, table.Find("X_Y.ORG"u8));
    }

    [Fact]
    public void A_label_above_63_bytes_is_a_label_for_a_suffix() => Assert.Equal(1, Find(new string('a', 64) + ".example.org"));

    [Theory]
    [InlineData(500)]
    [InlineData(65_000)]
    public void A_name_of_any_length_is_answered(int bytes)
    {
        Assert.Equal(1, Find(new string('a', bytes) + ".example.org"));
        Assert.Equal(1, Find(string.Concat(Enumerable.Repeat("a.", bytes / 2)) + "example.org"));
        Assert.Equal(-1, Find(string.Concat(Enumerable.Repeat("a.", bytes / 2)) + "example.net"));
        Assert.Equal(-1, Find(new string('.', bytes)));
    }

    [Fact]
    public void The_deepest_suffix_there_can_be_is_found()
    {
        string suffix = string.Concat(Enumerable.Repeat(".a", 125));
        RouteTable table = RouteTable.Create(("*" + suffix, 7), ("*.a", 8));
        Assert.Equal(7, table.Find(Encoding.ASCII.GetBytes("b" + suffix)));
        Assert.Equal(7, table.Find(Encoding.ASCII.GetBytes("c.b" + suffix)));
        Assert.Equal(8, table.Find(Encoding.ASCII.GetBytes(suffix[1..])));
    }

    [Fact]
    public void A_shared_entry_has_all_its_sections_and_the_first_one_decides()
    {
        RouteTable table = RouteTable.Create(("a.org", 3), ("*.org", 4), ("A.org", 5), ("a.org", 6));
        Assert.Equal([3, 5, 6], table.FindAll("A.ORG."u8).AsEnumerable());
        Assert.Equal([4], table.FindAll("b.org"u8).AsEnumerable());
        Assert.Empty(table.FindAll("org"u8));
        Assert.Equal((3, 2), (table.Find("a.org"u8), table.Count));
    }

    [Fact]
    public void An_empty_table_finds_nothing()
    {
        Assert.Equal(-1, RouteTable.Empty.Find("example.org"u8));
        Assert.Equal(-1, RouteTable.Empty.Find(default));
        Assert.Null(RouteTable.Empty.Explain("example.org"u8));
        Assert.Equal(0, RouteTable.Empty.Count);
    }

    [Fact]
    public void Looking_up_allocates_nothing()
    {
        string[] texts = ["example.org", "x.y.deep.example.org", "nobody.net", "A.B.C.D.E.F.EXAMPLE.ORG.", "", "a..b"];
        byte[][] names = [.. texts.Select(Encoding.ASCII.GetBytes)];
        int found = names.Sum(name => Table.Find(name));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            foreach (byte[] name in names)
                found += Table.Find(name);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1001 * names.Sum(name => Table.Find(name)), found);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void A_thousand_random_names_are_found_as_a_naive_model_finds_them(int seed)
    {
        Random random = new(seed);
        Dictionary<string, int> model = [];
        while (model.Count < 1000)
            model.TryAdd(RandomName(random, 1) is var name && random.Next(3) == 0 ? "*." + name : name, model.Count);
        RouteTable table = RouteTable.Create(model.Select(entry => (entry.Key, entry.Value)));
        Assert.Equal(1000, table.Count);
        for (int i = 0; i < 20_000; i++)
        {
            string name = RandomName(random, 0);
            Assert.Equal((name, FindNaively(model, name)), (name, table.Find(Encoding.ASCII.GetBytes(RandomCase(random, name)))));
        }
        foreach ((string pattern, int section) in model)
            Assert.Equal(section, table.Find(Encoding.ASCII.GetBytes(pattern.Replace("*", "new-label", StringComparison.Ordinal))));
    }

    private static int FindNaively(Dictionary<string, int> model, string name)
    {
        if (model.TryGetValue(name, out int section))
            return section;
        for (int dot = name.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            if (model.TryGetValue("*" + name[dot..], out section))
                return section;
        }
        return -1;
    }

    /// <summary>Few letters and many depths, so that names are often each other's suffixes.</summary>
    private static string RandomName(Random random, int labelsMin) => string.Join('.', Enumerable.Range(0, random.Next(labelsMin, 6) + 1)
        .Select(_ => new string("abc"[random.Next(3)], random.Next(1, 3))));

    private static string RandomCase(Random random, string name) =>
        string.Concat(name.Select(c => random.Next(2) == 0 ? char.ToUpperInvariant(c) : c)) + (random.Next(4) == 0 ? "." : "");

    private static int Find(string name) => Table.Find(Encoding.UTF8.GetBytes(name));
}
