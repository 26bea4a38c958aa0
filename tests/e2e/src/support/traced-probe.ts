import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../../../..');

const PROGRAM = `
  import { shutdownTelemetry, withSpan } from '@orderflow/telemetry';
  await withSpan(process.env.PROBE, { attributes: { text: 'abcdef' } }, () => undefined);
  await shutdownTelemetry(10_000);`;

/** Runs a process that records one span as a service does, with no other OTEL_ variables than these. */
export async function tracedProbe(env: Readonly<Record<string, string>>) {
  const name = `probe-${randomUUID()}`;
  const others = Object.entries(process.env).filter(([key]) => !key.startsWith('OTEL_'));
  const args = ['--import', '@orderflow/telemetry/register', '--input-type=module', '--eval', PROGRAM];
  const options = { cwd: root, env: { ...Object.fromEntries(others), ...env, PROBE: name } };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, options);
  return { name, stdout, stderr };
}
