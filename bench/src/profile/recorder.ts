/**
 * Preloaded into every process of a profiled system: SIGUSR2 begins a CPU profile, and the next one writes it.
 *   NODE_OPTIONS=--import=<this file>   BENCH_PROFILES=<folder>
 */
import { renameSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';

const folder = process.env['BENCH_PROFILES']!;
let session: Session | undefined;
let written = 0;

async function begin(): Promise<void> {
  session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
}

async function end(running: Session): Promise<void> {
  session = undefined;
  const { profile } = await running.post('Profiler.stop');
  running.disconnect();
  const file = join(folder, `${process.pid}-${++written}.cpuprofile`);
  // Renamed once it is whole: the measurement waits for the name.
  writeFileSync(`${file}.part`, JSON.stringify(profile));
  renameSync(`${file}.part`, file);
}

process.on('SIGUSR2', () => void (session === undefined ? begin() : end(session)));
