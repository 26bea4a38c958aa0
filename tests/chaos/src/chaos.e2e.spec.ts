import { afterAll, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { join } from 'node:path';
import { spawnGuarded, stopAll } from '@orderflow/local';

const repository = join(import.meta.dirname, '..', '..', '..');

// A test machine is busy with other work: recovery may exceed the promise.
const ARGS = ['--rate', '8', '--deadline', '10', '--slack', '4'];

afterAll(stopAll);

it.each([
  ['', ['--seed', '175', '--minutes', '1.5']],
  [' with TLS, logins and least rights between the parts', ['--seed', '393', '--minutes', '1', '--secure']],
])(
  'a short run of faults%s loses nothing, doubles nothing and leaves nothing over',
  async (_mode, args) => {
    const rig = spawnGuarded(process.execPath, [join('tests', 'chaos', 'src', 'chaos.ts'), ...args, ...ARGS], {
      cwd: repository,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [rig.stdout, rig.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(rig, 'close')) as [number | null];
    // In one expectation, so that a failure shows the output.
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringContaining('Nothing was lost, doubled or left over.'),
    });
  },
  600_000,
);
