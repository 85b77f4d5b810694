namespace FastSni.Reports;

/// <summary>One measurement could not be taken. The run goes on without it and the report says so.</summary>
public sealed class MeasurementException(string message) : Exception(message);
