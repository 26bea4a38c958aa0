import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { javaEnv } from '../process/java.js';
import { runGuarded } from '../process/processes.js';
import { codeOf, reasonOf, SetupError } from '../process/setup-error.js';

/** Two levels up, both from src/ and from dist/. */
const packageRoot = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(packageRoot, '..', '..', '.cache');

type Artifact = 'kafka' | 'registry';

async function fetchInto(folder: string, pom: string): Promise<void> {
  const command = process.platform === 'win32' ? 'mvn.cmd' : 'mvn';
  try {
    await runGuarded(command, ['-q', '-B', '-f', pom, 'package', `-DoutputDirectory=${folder}`], {
      cwd: cache,
      env: javaEnv(),
    });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      throw new SetupError(
        'Maven is missing ("mvn" is not on PATH): install it, or set KAFKA_BROKERS and SCHEMA_REGISTRY_URL.',
      );
    }
    throw new SetupError(`Maven could not fetch the artifacts in ${pom}: ${reasonOf(error)}`);
  }
}

/** The folder with the jars of an embedded part. @throws SetupError when Maven is missing or cannot fetch */
export const artifactFolder = async (artifact: Artifact): Promise<string> =>
  fetchedByMaven(artifact, join(packageRoot, artifact, 'pom.xml'));

/**
 * The folder `.cache/<name>-...` with what a pom.xml puts into `outputDirectory`, fetched by Maven on first use. The folder's
 * name contains a digest of the list, so that a changed list is fetched again.
 * @param pom path of the list
 * @throws SetupError when Maven is missing or cannot fetch
 */
export async function fetchedByMaven(name: string, pom: string): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex')
    .slice(0, 8);
  const folder = join(cache, `${name}-${digest}`);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  // Renamed when complete: an interrupted download must not be used.
  const building = await mkdtemp(`${folder}.`);
  try {
    await fetchInto(building, pom);
    await rename(building, folder);
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    // Another run may have fetched the same artifact meanwhile.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}
