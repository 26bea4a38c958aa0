// Loaded into the program that steps.mjs runs in its place: a wrapper that was killed cannot pass on that it should end.
if (process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}
