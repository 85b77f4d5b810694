namespace FastSni.Operations;
