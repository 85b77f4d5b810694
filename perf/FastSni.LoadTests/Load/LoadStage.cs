using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using FastSni.LoadTests.Staging;

namespace FastSni.LoadTests.Load;

/// <summary>A gateway of our own on loopback, and what is behind it: a TLS server for the passthrough name, a plain one for the other.</summary>
internal sealed class LoadStage : IDisposable
{
    private const string FarName = "far.load.test", AppName = "app.load.test";
    private static readonly TimeSpan LeavingPatience = TimeSpan.FromSeconds(20);

    private readonly StagedGateway _gateway;
    private readonly AnswerServer _far, _app;
    private readonly X509Certificate2 _certificate;

    private LoadStage(string program, string directory, int workers, int bodyBytes)
    {
        (string chain, string key) = SelfSigned.Make(directory, 0, AppName);
        (string farChain, string farKey) = SelfSigned.Make(directory, 1, FarName);
        _certificate = X509Certificate2.CreateFromPemFile(farChain, farKey);
        (_far, _app) = (new(bodyBytes, _certificate), new(bodyBytes, null));
        _far.Start(IPAddress.Loopback);
        _app.Start(IPAddress.Loopback);
        (IPEndPoint tls, IPEndPoint http) = (Loopback.FreePort(), Loopback.FreePort());
        Target = new(tls, http, new($"https://{FarName}/"), new($"https://{AppName}/"), new($"http://{AppName}/"), bodyBytes);
        string socketPath = Path.Combine(directory, "control.sock");
        _gateway = new(program, directory, socketPath);
        // One client is all clients here, so what protects against a greedy one is off.
        _gateway.Write(string.Create(CultureInfo.InvariantCulture, $"""
            [gateway]
            workers = {workers}
            log = {directory}/gateway.log
            access-log = off
            state-directory = {directory}/state
            max-connections-per-client = 0
            max-pending-hellos-per-client = 10000
            drain-timeout = 5s

            [admin]
            socket = {socketPath}

            [default]
            action = reject
            no-name-action = reject

            [listen:https]
            address = {tls}
            mode = tls

            [listen:http]
            address = {http}
            mode = http

            [passthrough:far]
            names = {FarName}
            backend = {_far.EndPoint}

            [offload:app]
            names = {AppName}
            backend = http://{_app.EndPoint}
            certificate = {chain}
            certificate-key = {key}

            """));
    }

    public LoadTarget Target { get; }

    /// <param name="program">The published binary.</param>
    /// <param name="directory">Ours alone; the caller deletes it.</param>
    public static async Task<LoadStage> StartAsync(string program, string directory, int workers, int bodyBytes)
    {
        LoadStage stage = new(program, directory, workers, bodyBytes);
        try
        {
            await stage._gateway.StartAsync();
            return stage;
        }
        catch
        {
            stage.Dispose();
            throw;
        }
    }

    /// <summary>Lets the gateway leave in order; whether it did.</summary>
    public Task<bool> StopAsync() => _gateway.StopAsync(LeavingPatience);

    public void Dispose()
    {
        _gateway.Dispose();
        _far.Dispose();
        _app.Dispose();
        _certificate.Dispose();
    }
}
