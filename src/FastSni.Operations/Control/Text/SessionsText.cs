namespace FastSni.Operations;

/// <summary>What `fastsni sessions` shows.</summary>
public static class SessionsText
{
    public static void Write(SessionsReport report, TextWriter target)
    {
        target.WriteLine(report.Sessions.Count == report.Total
            ? $"{TextValues.Of(report.Total)} session(s)"
            : $"{TextValues.Of(report.Sessions.Count)} of {TextValues.Of(report.Total)} session(s), the oldest");
        TextTable table = new("ID", "LISTENER", "CLIENT", "PHASE", ">AGE", ">UP", ">DOWN", "ROUTE", "BACKEND", "NAME");
        foreach (SessionReport session in report.Sessions)
        {
            table.Add(TextValues.Of(session.Id), session.Listener, session.Client, session.Phase, TextValues.OfSeconds(session.AgeSeconds),
                TextValues.OfBytes(session.UpBytes), TextValues.OfBytes(session.DownBytes), OrDash(session.Route), OrDash(session.Backend), OrDash(session.Name));
        }
        table.Write(target);
    }

    private static string OrDash(string text) => text.Length > 0 ? text : "-";
}
