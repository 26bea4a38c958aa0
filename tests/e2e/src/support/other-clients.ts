import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../../..');
const scripts = join(root, 'tests/e2e/interop');
const cache = join(root, '.cache/interop');

const PYPI = ['confluent-kafka[avro,schemaregistry]==2.16.1', 'fastavro==1.13.1'];
const NPM = ['@kafkajs/confluent-schema-registry@4.1.0', 'cloudevents@10.0.0', 'kafkajs@2.2.4'];
const MOST_BYTES = 64 * 1024 * 1024;

/** Why these clients cannot be run here; undefined where they can. */
export async function missingPython(): Promise<string | undefined> {
  try {
    await run('python3', ['-c', 'import venv, ensurepip']);
    return undefined;
  } catch {
    return 'python3 with venv and pip is not installed';
  }
}

/** The clients that other people use, in folders of their own: they are no dependencies of this repository. */
export const otherClients = {
  /** Installs confluent-kafka and fastavro once. */
  installPython: async (): Promise<void> =>
    once(join(cache, 'python'), PYPI, async (folder) => {
      await run('python3', ['-m', 'venv', folder]);
      await run(join(folder, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', ...PYPI]);
    }),

  /** Installs the npm packages once. */
  installNode: async (): Promise<void> =>
    once(join(cache, 'node'), NPM, async (folder) => {
      await writeFile(join(folder, 'package.json'), '{"private":true}');
      await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', ...NPM], {
        cwd: folder,
      });
    }),

  /** Runs one of tests/e2e/interop/*.py. @returns its lines. @throws Error with its stderr when it fails */
  python: async <Line>(script: string, ...args: string[]): Promise<Line[]> =>
    linesOf(join(cache, 'python/bin/python'), join(scripts, script), ...args),

  /** Runs one of tests/e2e/interop/*.mjs. */
  node: async <Line>(script: string, ...args: string[]): Promise<Line[]> =>
    linesOf(process.execPath, join(scripts, script), join(cache, 'node'), ...args),
};

async function linesOf<Line>(program: string, ...args: string[]): Promise<Line[]> {
  const { stdout } = await run(program, args, { cwd: root, maxBuffer: MOST_BYTES });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

/** A folder whose installation was interrupted, or is of other versions, is made again. */
async function once(
  folder: string,
  packages: readonly string[],
  install: (folder: string) => Promise<void>,
): Promise<void> {
  const marker = join(folder, `installed-${packages.join('-').replace(/[^\w.-]/g, '_')}`);
  if (existsSync(marker)) return;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await install(folder);
  await writeFile(marker, '');
}
