// To be loaded before the program: node --import @orderflow/telemetry/register dist/main.js
if (process.env['OTEL_EXPORTER_OTLP_ENDPOINT']) {
  // Imported only here: the SDK is 40 MB of memory and 300 ms of start that nobody without a collector should pay for.
  const { startTelemetry } = await import('./sdk.js');
  startTelemetry();
}

export {};
