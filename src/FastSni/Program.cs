using FastSni.Commands;

return CommandLine.Run(args);
