namespace FastSni.Backends;
