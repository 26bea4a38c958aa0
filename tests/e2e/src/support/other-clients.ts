import { join } from 'node:path';
import { installedNpm, installedOnce, root, run } from './installed.js';

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
    installedOnce(join(cache, 'python'), PYPI, async (folder) => {
      await run('python3', ['-m', 'venv', folder]);
      await run(join(folder, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', ...PYPI]);
    }),

  /** Installs the npm packages once. */
  installNode: async (): Promise<void> => installedNpm(join(cache, 'node'), NPM),

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
