using System.CommandLine;
using FastSni.Compare;

return CommandLineInterface.Build().Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
