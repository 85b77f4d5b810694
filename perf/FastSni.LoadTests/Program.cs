using System.CommandLine;
using FastSni.LoadTests;

return CommandLineInterface.Build().Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
