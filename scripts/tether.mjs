// Ends a program when the wrapper that runs it (steps.mjs) is killed and cannot pass a signal on.
if (process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}
