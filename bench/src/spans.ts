import { join } from 'node:path';
import { demand, eventually } from '@orderflow/client';
import { freePort, SetupError, spawnGuarded } from '@orderflow/local';
import { root } from '../../ops/src/demo/running-system.ts';

const SINK_TIMEOUT_MS = 30_000;

/** The process that receives the spans. */
export interface Sink {
  readonly url: string;
  readonly pid: number;
}

export async function startSink(): Promise<Sink> {
  const port = await freePort();
  const program = join(root, 'bench', 'src', 'trace-cost', 'sink.ts');
  const { pid } = spawnGuarded(process.execPath, [program, String(port)], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (pid === undefined) throw new SetupError('the sink for spans cannot be started');
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => demand(url), SINK_TIMEOUT_MS);
  return { url, pid };
}

/** The variables of a service that sends its spans to this URL. */
export const sampled = (url: string, sampler: string, argument: string): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_TRACES_SAMPLER: sampler,
  OTEL_TRACES_SAMPLER_ARG: argument,
});
