import { join } from 'node:path';
import { AUTH_FOLDER, linesOf, writeForContainer } from './container-files.js';
import { keptTokenKeys, signToken } from './token-keys.js';

/** The time that a container may run without another `docker compose up`, which renews these tokens. */
const MINUTES = 365 * 24 * 60;

/**
 * For containers: what callers are known by, in one folder for each volume, below `dir`. The key is made once.
 * - `token`: the key that signs tokens, for `orderflow token` alone
 * - `auth`: its public part, and the settings with which a program asks for tokens, `on.env`
 * - `console`: an operator's token, in the form that `node --env-file` reads
 * - `monitor`: the token of the metrics' reader, in the form that Prometheus reads
 */
export async function writeContainerAuth(dir: string): Promise<void> {
  // Readable by the users of the containers: each folder is a volume that they alone mount.
  const { privateKey, keySet } = await keptTokenKeys(join(dir, 'token'), 0o644);
  const settings = { AUTH_JWKS_FILE: `${AUTH_FOLDER}/jwks.json`, AUTH_DEVELOPMENT_KEY: 'allowed' };
  const consoleToken = await signToken(privateKey, { subject: 'console', role: 'operator', minutes: MINUTES });
  const monitorToken = await signToken(privateKey, { subject: 'prometheus', role: 'monitor', minutes: MINUTES });
  await writeForContainer(join(dir, 'auth'), 'jwks.json', `${JSON.stringify(keySet)}\n`);
  await writeForContainer(join(dir, 'auth'), 'on.env', linesOf(settings));
  await writeForContainer(join(dir, 'console'), 'service.env', linesOf({ CONSOLE_TOKEN: consoleToken }));
  await writeForContainer(join(dir, 'monitor'), 'token', monitorToken);
}
