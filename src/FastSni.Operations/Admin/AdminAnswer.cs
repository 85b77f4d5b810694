using System.Text;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace FastSni.Operations;

/// <summary>Writes the admin server's answers.</summary>
internal static class AdminAnswer
{
    internal static Task TextAsync(HttpContext context, string text)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes).AsTask();
    }

    internal static Task ErrorAsync(HttpContext context, int status, string sentence)
    {
        context.Response.StatusCode = status;
        return JsonAsync(context, new AdminError(sentence), AdminJson.Plain.AdminError);
    }

    internal static Task NotAllowedAsync(HttpContext context, string allow)
    {
        context.Response.Headers.Allow = allow;
        return ErrorAsync(context, StatusCodes.Status405MethodNotAllowed, $"here is only {allow}");
    }

    internal static Task JsonAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type)
    {
        context.Response.ContentType = "application/json";
        return System.Text.Json.JsonSerializer.SerializeAsync(context.Response.BodyWriter, value, type);
    }
}
