using System.Collections.Immutable;
using FastSni.Config;
using FastSni.Http;
using FastSni.Offload;
using FastSni.Tests.Http;
using Xunit;

namespace FastSni.Tests.Offload;

public class SiteChoiceTests
{
    private static readonly ImmutableArray<RouteSection> Sections =
    [
        Pieces.Offload(0, "root", Pieces.Shared), Pieces.Offload(1, "admin", Pieces.Shared, "/admin"),
        Pieces.Offload(2, "users", Pieces.Shared, "/admin/users"), Pieces.Offload(3, "public", Pieces.Shared, "/public"),
    ];

    [Theory]
    [InlineData("/", "root")]
    [InlineData("/x?/admin", "root")]
    [InlineData("/administrator", "root")]
    [InlineData("/ADMIN", "root")]
    [InlineData("/x/admin", "root")]
    [InlineData("/admin/../x", "root")]
    [InlineData("/a;b=c/d", "root")]
    [InlineData("/%2561dmin", "root")]
    [InlineData("*", "root")]
    [InlineData("/admin", "admin")]
    [InlineData("/admin?x", "admin")]
    [InlineData("/admin/", "admin")]
    [InlineData("/admin/;jsessionid=7", "admin")]
    [InlineData("/%61dmin", "admin")]
    [InlineData("//admin", "admin")]
    [InlineData("/./admin", "admin")]
    [InlineData("/x/../admin", "admin")]
    [InlineData("/x/%2e%2e/admin", "admin")]
    [InlineData("/public/%2E./admin/a", "admin")]
    [InlineData("/admin/usersx", "admin")]
    [InlineData("/admin/x%2Fy", "admin")]
    [InlineData("/admin//users/7", "users")]
    [InlineData("/public/x", "public")]
    public void The_longest_path_wins(string raw, string name) => Assert.Equal(name, Choose(raw, [0, 1, 2, 3]).Section?.Name);

    [Theory]
    [InlineData("/admin;x")]
    [InlineData("/;x/admin")]
    [InlineData("/%2fadmin/..%2f..%2fadmin")]
    [InlineData("/x%2f..%2fadmin")]
    [InlineData("/public/..%2fadmin")]
    [InlineData("/public/..%5Cadmin")]
    [InlineData("/public/..;/admin")]
    [InlineData("/public/%2e%2e%3b/x")]
    [InlineData("/admin%2Fusers")]
    public void What_a_backend_may_take_for_another_section_s_is_400(string raw) => Assert.Equal(new SiteChoice(null, 400), Choose(raw, [0, 1, 2, 3]));

    [Fact]
    public void What_is_in_no_section_is_404()
    {
        Assert.Equal(new SiteChoice(null, 404), Choose("/", [1, 3]));
        Assert.Equal(new SiteChoice(null, 404), Choose("/other", [3]));
    }

    [Theory]
    [InlineData("/admin;x")]
    [InlineData("/a%2F..%2fb")]
    [InlineData("/..;/x")]
    public void A_section_alone_on_its_host_is_asked_for_everything(string raw) => Assert.Equal("root", Choose(raw, [0]).Section?.Name);

    private static SiteChoice Choose(string raw, ImmutableArray<int> places)
    {
        Assert.True(RequestTarget.TryParse(raw, isOptions: true, isHttps: true, out RequestTarget target));
        return SiteChoice.ByPath(places, Sections, target);
    }
}
