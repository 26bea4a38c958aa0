import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const run = promisify(execFile);
export const root = join(import.meta.dirname, '../../../..');

/** Installs packages that are no dependencies of this repository into a folder of their own, once. */
export const installedNpm = (folder: string, packages: readonly string[]): Promise<void> =>
  installedOnce(folder, packages, async () => {
    await writeFile(join(folder, 'package.json'), '{"private":true}');
    await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', ...packages], {
      cwd: folder,
    });
  });

/** A folder whose installation was interrupted, or is of other versions, is made again. */
export async function installedOnce(
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
