namespace FastSni.Passthrough;
