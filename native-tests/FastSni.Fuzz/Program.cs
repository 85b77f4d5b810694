using SharpFuzz;

namespace FastSni.Fuzz;

internal static class Program
{
    private const string Usage = """
        usage: FastSni.Fuzz run TARGET                what afl-fuzz starts; input comes on standard input
               FastSni.Fuzz seeds TARGET DIRECTORY    writes the inputs to start from, one a file
               FastSni.Fuzz words                     prints an AFL dictionary of the INI file's words
               FastSni.Fuzz replay TARGET FILE...     runs files, and ends with the first broken invariant
        targets: hello, proxy, ini
        """;

    private static int Main(string[] args)
    {
        using FuzzTarget? target = FuzzTarget.Find(args.ElementAtOrDefault(1) ?? "");
        switch (args)
        {
            case ["run", _] when target is not null:
                Fuzzer.Run(input => target.Run(ReadAll(input)));
                return 0;
            case ["seeds", _, var directory] when target is not null:
                WriteSeeds(target, directory);
                return 0;
            case ["words"]:
                Console.WriteLine(string.Join('\n', IniWords.All.Select(word => $"\"{word}\"")));
                return 0;
            case ["replay", _, .. var files] when target is not null:
                foreach (string file in files)
                {
                    Console.WriteLine(file);
                    target.Run(File.ReadAllBytes(file));
                }
                return 0;
            default:
                Console.Error.WriteLine(Usage);
                return 2;
        }
    }

    private static byte[] ReadAll(Stream input)
    {
        using MemoryStream bytes = new();
        input.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static void WriteSeeds(FuzzTarget target, string directory)
    {
        Directory.CreateDirectory(directory);
        int number = 0;
        foreach (byte[] seed in target.Seeds)
            File.WriteAllBytes(Path.Combine(directory, $"{number++:0000}"), seed);
    }
}
