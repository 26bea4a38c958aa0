// Loaded before the program: node --import @orderflow/telemetry/register dist/main.js
if (process.env['OTEL_EXPORTER_OTLP_ENDPOINT']) {
  // Imported only with a collector: the SDK costs 40 MB of memory and 300 ms at start.
  const { startTelemetry } = await import('./sdk.js');
  startTelemetry();
}

export {};
