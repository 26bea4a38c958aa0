import { runGuarded } from '@orderflow/local';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { root } from '../../../ops/src/demo/running-system.ts';

const PEERS = join(root, 'bench', 'peers');
const DONE = '.built';

const IS_MADE = /(^|\/)(node_modules|dist|generated)(\/|$)/;

/** Everything in the package that a person has written. */
function digestOf(folder: string): string {
  const hash = createHash('sha256');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((it) => it.isFile())
    .map((it) => join(it.parentPath, it.name))
    .filter((file) => !IS_MADE.test(file.slice(folder.length)));
  for (const file of files.toSorted()) hash.update(file.slice(folder.length)).update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/**
 * Installs and builds a package of bench/peers in a folder of its own, where that has not been done before: it is no part of
 * the product, and npm must not mix their packages.
 * @returns the folder. @throws Error with the first line that names one
 */
export async function installPeer(name: string): Promise<string> {
  const source = join(PEERS, name);
  const folder = join(root, '.cache', 'peers', `${name}-${digestOf(source)}`);
  if (existsSync(join(folder, DONE))) return folder;
  // What an interrupted installation has left.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(source, folder, { recursive: true, filter: (file) => !IS_MADE.test(file.slice(source.length)) });
  console.log(`installing bench/peers/${name} (npm ci) ...`);
  // Its programs must run on the Node that runs this one.
  const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  const npm = (...args: string[]) => runGuarded('npm', args, { cwd: folder, env: { ...process.env, PATH } });
  await npm('ci', '--ignore-scripts', '--no-audit', '--no-fund');
  await npm('run', 'generate', '--if-present');
  await npm('run', 'build');
  writeFileSync(join(folder, DONE), '');
  return folder;
}
