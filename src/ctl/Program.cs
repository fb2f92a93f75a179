using TimeSuite.Ctl;

return await TimeCtl.RunAsync(args, Terminal.Standard(), CancellationToken.None);
