using FastSni.Commands;
using FastSni.Linux;

// Before there are threads that call malloc. On another C library there is nothing to limit.
_ = NativeHeap.TryLimitArenas();
// The HTTP rooms answer on the thread that a socket woke, without a hop to the pool: a third of what a small request costs. Must be set before any socket is.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
return CommandLine.Run(args);
