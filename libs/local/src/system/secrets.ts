import { newKeyPair, privateKeysSetting } from '@orderflow/encryption';
import type { ServiceName } from '@orderflow/client';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newSecret } from '../process/secret.js';
import { SetupError } from '../process/setup-error.js';

/** Each secret of a system, by environment variable, and the one service that gets it. */
const holders = {
  PAYMENT_TOKEN_PUBLIC_KEY: 'orders',
  PAYMENT_TOKEN_PRIVATE_KEYS: 'payments',
  IDEMPOTENCY_SECRET: 'orders',
} as const satisfies Record<string, ServiceName>;

const names = Object.keys(holders) as (keyof typeof holders)[];

/** Values of the environment variables. */
export type Secrets = Readonly<Record<keyof typeof holders, string>>;

/**
 * New secrets. The public key is that of a new pair, whose private key comes first in the set.
 * @param earlierKeys a JWK set of private keys that stay in the set, so that fields encrypted for them can still be read
 * @throws SetupError when it is no such set
 */
export async function newSecrets(earlierKeys?: string): Promise<Secrets> {
  const earlier = earlierKeys === undefined ? { success: true, data: [] } : privateKeysSetting.safeParse(earlierKeys);
  if (!earlier.success) throw new SetupError('PAYMENT_TOKEN_PRIVATE_KEYS is not a JWK set: correct or unset it.');
  const { publicKey, privateKey } = await newKeyPair();
  return {
    PAYMENT_TOKEN_PUBLIC_KEY: JSON.stringify(publicKey),
    PAYMENT_TOKEN_PRIVATE_KEYS: JSON.stringify({ keys: [privateKey, ...(earlier.data ?? [])] }),
    IDEMPOTENCY_SECRET: newSecret(),
  };
}

/**
 * The secrets of the environment; those that are not set are made once and kept in `dir`, readable by their owner only.
 * @throws SetupError when one of the two keys is set without the other
 */
export async function keptSecrets(dir: string): Promise<Secrets> {
  const given = Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
  if ('PAYMENT_TOKEN_PUBLIC_KEY' in given !== 'PAYMENT_TOKEN_PRIVATE_KEYS' in given)
    throw new SetupError('PAYMENT_TOKEN_PUBLIC_KEY and PAYMENT_TOKEN_PRIVATE_KEYS belong together: set both, or none.');
  const file = join(dir, 'secrets.json');
  if (!existsSync(file)) {
    await mkdir(dir, { recursive: true });
    await writeFile(file, `${JSON.stringify(await newSecrets(), null, 2)}\n`, { mode: 0o600 });
  }
  return { ...(JSON.parse(await readFile(file, 'utf8')) as Secrets), ...given };
}

/** The variables of one service: its own secrets, and none of another service's that this process may have. */
export const secretsOf = (service: ServiceName, secrets: Secrets): NodeJS.ProcessEnv =>
  Object.fromEntries(names.map((name) => [name, holders[name] === service ? secrets[name] : undefined]));

/**
 * For containers: writes the secrets of each service that has some to `<dir>/<service>/service.env`, in the form that
 * `node --env-file` reads. Those that are not set are made once and kept in `dir`.
 * @throws SetupError when one of the two keys is set without the other
 */
export async function writeServiceSecrets(dir: string): Promise<void> {
  const secrets = await keptSecrets(dir);
  for (const service of new Set(Object.values(holders))) {
    const lines = Object.entries(secretsOf(service, secrets)).filter(([, value]) => value !== undefined);
    await mkdir(join(dir, service), { recursive: true });
    // Readable by the user of the service: the folder is a volume that its containers alone mount.
    await writeFile(join(dir, service, 'service.env'), lines.map(([name, value]) => `${name}='${value}'\n`).join(''));
  }
}
