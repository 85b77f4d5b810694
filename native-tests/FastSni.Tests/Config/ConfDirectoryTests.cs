using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Config;

public class ConfDirectoryTests
{
    [Fact]
    public void Files_are_read_behind_the_main_file_in_byte_order_of_their_names()
    {
        using ConfigFolder folder = new();
        folder.Write(ConfigFolder.Main, ConfigFolder.Reject)
            .Write("conf.d/b.ini", Section("b")).Write("conf.d/B.ini", Section("capital")).Write("conf.d/10.ini", Section("ten"))
            .Write("conf.d/9.ini", Section("nine")).Write("conf.d/ä.ini", Section("umlaut")).Write("conf.d/a.ini", Section("a"));
        Snapshot snapshot = folder.Snapshot();
        Assert.Equal(["ten", "nine", "capital", "a", "b", "umlaut"], snapshot.Sections.Select(section => section.Name));
        Assert.Equal([0, 1, 2, 3, 4, 5], snapshot.Sections.Select(section => section.Index));
        Assert.Equal(["fastsni.ini", "10.ini", "9.ini", "B.ini", "a.ini", "b.ini", "ä.ini"], snapshot.Files.Select(Path.GetFileName));
    }

    [Fact]
    public void Other_files_hidden_files_and_folders_are_left_alone()
    {
        using ConfigFolder folder = new();
        folder.Write(ConfigFolder.Main, ConfigFolder.Reject)
            .Write("conf.d/notes.txt", "?").Write("conf.d/.#a.ini", "?").Write("conf.d/a.ini.bak", "?")
            .Write("conf.d/folder.ini/x", "?").Write("conf.d/A.INI", "?");
        Assert.Single(folder.Snapshot().Files);
    }

    [Fact]
    public void Unnamed_sections_may_be_continued()
    {
        using ConfigFolder folder = new();
        folder.Write(ConfigFolder.Main, "[gateway]\nworkers = 2\n[default]\naction = reject\n")
            .Write("conf.d/a.ini", "[default]\nno-name-action = reject\n[gateway]\nmax-connections = 99\n[admin]\nsocket = /run/x.sock\n");
        Snapshot snapshot = folder.Snapshot();
        Assert.Equal((2, 99, "/run/x.sock"), (snapshot.Gateway.Workers, snapshot.Gateway.MaxConnections, snapshot.Admin.Socket));
    }

    [Fact]
    public void The_same_key_in_two_files_names_both_places()
    {
        using ConfigFolder folder = new();
        folder.Write(ConfigFolder.Main, "[gateway]\nworkers = 2\n" + ConfigFolder.Reject).Write("conf.d/a.ini", "\n[gateway]\nworkers = 2\n");
        Assert.Equal(["conf.d/a.ini:3: [gateway] workers: given twice: first at fastsni.ini:2; keep one of them"], folder.Errors());
    }

    [Fact]
    public void A_named_section_in_two_files_names_both_places()
    {
        using ConfigFolder folder = new();
        folder.Write(ConfigFolder.Main, ConfigFolder.Reject + Section("a")).Write("conf.d/a.ini", Section("a"));
        Assert.Equal(
            ["conf.d/a.ini:1: [passthrough:a]: this section is written twice: first at fastsni.ini:4; give one of them another name, or merge them"],
            folder.Errors());
    }

    [Fact]
    public void Errors_come_in_the_order_of_reading()
    {
        using ConfigFolder folder = new();
        folder.Write(ConfigFolder.Main, "[gateway]\nworkers = x\n" + ConfigFolder.Reject)
            .Write("conf.d/b.ini", "x\n").Write("conf.d/a.ini", "[gateway]\nlog = x\n");
        Assert.Equal(["fastsni.ini:2", "conf.d/a.ini:2", "conf.d/b.ini:1"], folder.Errors().Select(error => error.Split(": ")[0]));
    }

    [Fact]
    public void A_link_to_nothing_is_an_error()
    {
        using ConfigFolder folder = new();
        folder.Write(ConfigFolder.Main, ConfigFolder.Reject).Write("conf.d/a.ini", "");
        File.CreateSymbolicLink(Path.Combine(folder.Root, "conf.d/b.ini"), "/nowhere/b.ini");
        Assert.Equal(["conf.d/b.ini: there is no such file"], folder.Errors());
    }

    private static string Section(string name) => $"[passthrough:{name}]\nnames = {name}.example.org\nbackend = 10.0.0.1\n";
}
