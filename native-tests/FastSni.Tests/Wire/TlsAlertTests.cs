using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Wire;

public class TlsAlertTests
{
    [Fact]
    public void An_alert_is_one_whole_record()
    {
        Assert.Equal("15030300020270", Convert.ToHexString(TlsAlert.UnrecognizedName));
        Assert.Equal("15030300020232", Convert.ToHexString(TlsAlert.DecodeError));
    }
}
