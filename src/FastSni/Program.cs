using FastSni.Commands;
using FastSni.Linux;

// Before there are threads that call malloc. On another C library there is nothing to limit.
_ = NativeHeap.TryLimitArenas();
return CommandLine.Run(args);
