namespace FastSni.Linux;
