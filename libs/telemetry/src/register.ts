// Loaded before the program: node --import @orderflow/telemetry/register dist/main.js
import { readSettings } from './otel-settings.js';

const report = (line: string): void => void process.stderr.write(`telemetry: ${line}\n`);

const { traces, notes } = readSettings(process.env);
notes.forEach(report);
if (traces) {
  // Imported only where traces are recorded: the SDK costs 40 MB of memory and 300 ms at start.
  const { startTelemetry } = await import('./sdk.js');
  await startTelemetry(traces, report);
}
