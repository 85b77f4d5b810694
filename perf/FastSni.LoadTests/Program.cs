using System.CommandLine;
using FastSni.LoadTests.Load;
using FastSni.LoadTests.Soak;

RootCommand root = new("Loads a FastSni gateway and says how it fared.") { LoadCommand.Build(), SoakCommand.Build() };
return root.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
