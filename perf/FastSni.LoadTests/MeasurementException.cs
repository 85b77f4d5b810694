namespace FastSni.LoadTests;

/// <summary>One measurement could not be taken. The run goes on without it and the report says so.</summary>
internal sealed class MeasurementException(string message) : Exception(message);
