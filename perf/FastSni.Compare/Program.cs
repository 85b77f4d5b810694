using System.CommandLine;
using FastSni.Compare;

const int CannotRun = 2;    // 1 says that a bound is not met.

ParseResult parsed = CommandLineInterface.Build().Parse(args);
int status = parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
return parsed.Errors.Count > 0 ? CannotRun : status;
