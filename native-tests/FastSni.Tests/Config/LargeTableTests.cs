using System.Text;
using FastSni.Config;
using FastSni.Config.Names;
using Xunit;

namespace FastSni.Tests.Config;

/// <summary>Run alone: one of them measures the memory of the whole process.</summary>
[CollectionDefinition(nameof(LargeTableTests), DisableParallelization = true)]
[Collection(nameof(LargeTableTests))]
public class LargeTableTests
{
    private const string OneFile = ConfigFolder.Reject + "[passthrough:first]\nnames = first.example.org\nbackend = x\n" +
        "[passthrough:a]\nnames-file = n.txt\nbackend = x\n";

    [Fact]
    public void A_hundred_thousand_names_are_all_found_and_no_others()
    {
        using ConfigFolder folder = Write(100_000, i => (i % 10) switch
        {
            0 => $"*.{i}.example.org",
            1 => $".{i}.example.org",
            _ => $"Host-{i}.Customer.example.net",
        });
        RouteTable table = folder.Snapshot().Listeners[0].Names;
        Assert.Equal(110_001, table.Count);
        for (int i = 0; i < 100_000; i++)
        {
            bool isSuffix = i % 10 < 2;
            Assert.Equal(isSuffix ? 1 : -1, Find(table, $"x.y.{i}.example.org"));
            Assert.Equal(i % 10 == 1 ? 1 : -1, Find(table, $"{i}.example.org"));
            Assert.Equal(isSuffix ? -1 : 1, Find(table, $"host-{i}.customer.example.net"));
            Assert.Equal(-1, Find(table, $"host-{i}.customer.example.com"));
        }
        Assert.Equal(0, Find(table, "first.example.org"));
    }

    [Fact]
    public void A_million_names_hold_less_than_48_MiB()
    {
        using ConfigFolder folder = Write(1_000_000, i => $"host{i:D7}.customer.example");
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Snapshot snapshot = folder.Load().Snapshot!;
        long held = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(held < 48 << 20, $"{held} bytes");
        Assert.Equal(1_000_001, snapshot.Listeners[0].Names.Count);
        Assert.Equal(1, Find(snapshot.Listeners[0].Names, "host0999999.customer.example"));
        Assert.Equal(-1, Find(snapshot.Listeners[0].Names, "host1000000.customer.example"));
    }

    [Fact]
    public void Many_sections_share_the_table()
    {
        string sections = string.Concat(Enumerable.Range(0, 3000).Select(i => 
            $"[passthrough:s{i}]\nnames = {i}.example.org\nbackend = 10.0.{i / 250}.{i % 250 + 1}\n"));
        Snapshot snapshot = ConfigFolder.SnapshotOf(ConfigFolder.Reject + sections);
        for (int i = 0; i < 3000; i++)
            Assert.Equal($"s{i}", snapshot.Sections[Find(snapshot.Listeners[0].Names, $"{i}.example.org")].Name);
    }

    [Fact]
    public void Entries_come_back_in_order_across_pages()
    {
        NameStore store = new();
        string[] names = [.. Enumerable.Range(0, 5000)
            .Select(i => $"{new string('a', 1 + (i * 7 % 60))}.{new string('b', 1 + (i % 63))}.example{i}")];
        for (int i = 0; i < names.Length; i++)
        {
            Assert.True(NamePattern.TryParse(Encoding.ASCII.GetBytes(names[i]), out NamePattern pattern, out string problem), problem);
            store.Append(i, pattern);
        }
        uint[] entries = [.. store.Entries];
        Assert.Equal(names, entries.Select(entry => Encoding.ASCII.GetString(store.NameOf(entry))));
        Assert.Equal(Enumerable.Range(0, 5000), entries.Select(store.SectionOf));
        Assert.True(store.End > 1 << 18);   // Several pages.
    }

    [Fact]
    public void Lines_of_every_length_come_whole_through_the_buffer()
    {
        Random random = new(1);
        string[] lines = [.. Enumerable.Range(0, 300).Select(i => new string((char)('a' + (i % 26)), i % 50 == 0 ? 65_535 : random.Next(3000)))];
        byte[] file = Encoding.ASCII.GetBytes(string.Join('\n', lines));
        LineReader reader = new(new TricklingStream(file, random));
        foreach (string expected in lines)
        {
            Assert.True(reader.TryRead(out Span<byte> line));
            Assert.Equal(expected, Encoding.ASCII.GetString(line));
        }
        Assert.Equal((lines.Length, false), (reader.LineNumber, reader.IsTooLong));
        Assert.False(reader.TryRead(out _));
    }

    private static ConfigFolder Write(int count, Func<int, string> name)
    {
        StringBuilder names = new();
        for (int i = 0; i < count; i++)
            names.Append(name(i)).Append('\n');
        return new ConfigFolder().Write(ConfigFolder.Main, OneFile).Write("n.txt", names.ToString());
    }

    private static int Find(RouteTable table, string name) => table.Find(Encoding.ASCII.GetBytes(name));

    /// <summary>Gives a few bytes at a time, as a pipe or a network file system may.</summary>
    private sealed class TricklingStream(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, random.Next(1, 5000))]);
    }
}
