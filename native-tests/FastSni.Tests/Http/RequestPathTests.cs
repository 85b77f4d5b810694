using FastSni.Http;
using Xunit;

namespace FastSni.Tests.Http;

public class RequestPathTests
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("/admin", "/admin")]
    [InlineData("/admin/", "/admin/")]
    [InlineData("/%61dmin", "/admin")]
    [InlineData("/%2561dmin", "/%2561dmin")]
    [InlineData("//admin", "/admin")]
    [InlineData("/x//admin//", "/x/admin")]
    [InlineData("/./admin", "/admin")]
    [InlineData("/x/../admin", "/admin")]
    [InlineData("/x/%2e%2E/admin", "/admin")]
    [InlineData("/x/.%2e/./admin", "/admin")]
    [InlineData("/../../admin", "/admin")]
    [InlineData("/admin/..", "/")]
    [InlineData("/admin/.hidden", "/admin/.hidden")]
    [InlineData("/x/...", "/x/...")]
    [InlineData("/ADMIN", "/ADMIN")]
    [InlineData("/admin;x", "/admin;x")]
    [InlineData("/x/..;/admin", "/x/..;/admin")]
    [InlineData("/x%2f..%2Fadmin", "/x%2F..%2Fadmin")]
    [InlineData("/x%5c..%5Cadmin", "/x\\..\\admin")]
    [InlineData("/b%C3%BCcher", "/b\u00FCcher")]
    [InlineData("/a%20b", "/a b")]
    public void A_path_is_decoded_once_and_freed_of_dots(string path, string normal)
    {
        Assert.True(RequestPath.TryRead(path, isLoose: false, out string read));
        Assert.Equal(normal, read);
    }

    [Theory]
    [InlineData("/admin", "/admin")]
    [InlineData("/admin;x", "/admin")]
    [InlineData("/admin%3Bx", "/admin")]
    [InlineData("/;x/admin", "/admin")]
    [InlineData("/x/..;/admin", "/admin")]
    [InlineData("/x/..%2fadmin", "/admin")]
    [InlineData("/x%2f..%2Fadmin", "/admin")]
    [InlineData("/x/..%5cadmin", "/admin")]
    [InlineData("/x/%2e%2e;a=b%2Fadmin;c", "/admin")]
    [InlineData("/app/;jsessionid=7", "/app")]
    public void A_loose_reader_sees_more_separators(string path, string normal)
    {
        Assert.True(RequestPath.TryRead(path, isLoose: true, out string read));
        Assert.Equal(normal, read);
    }

    [Theory]
    [InlineData("/%")]
    [InlineData("/%6")]
    [InlineData("/%zz")]
    [InlineData("/%+1")]
    [InlineData("/% 1")]
    [InlineData("/a%00b")]
    [InlineData("/x//../admin")]
    [InlineData("//..")]
    public void What_servers_read_in_different_ways_is_refused(string path) => Assert.False(RequestPath.TryRead(path, isLoose: false, out _));

    [Theory]
    [InlineData("/admin", "/admin", true)]
    [InlineData("/admin/", "/admin", true)]
    [InlineData("/admin/x", "/admin", true)]
    [InlineData("/administrator", "/admin", false)]
    [InlineData("/adm", "/admin", false)]
    [InlineData("/ADMIN", "/admin", false)]
    [InlineData("/x/admin", "/admin", false)]
    [InlineData("/", "/", true)]
    [InlineData("/anything", "/", true)]
    public void Prefixes_are_whole_segments(string path, string prefix, bool isUnder) => Assert.Equal(isUnder, RequestPath.IsUnder(path, prefix));
}
