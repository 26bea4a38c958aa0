import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';

/** A new secret of 144 random bits, in characters that need no escaping in URLs and shells. */
export const newSecret = (): string => randomBytes(18).toString('base64url');

/** The secret in a file, which only this user can read; made at the first call. */
export async function secretIn(file: string): Promise<string> {
  if (!existsSync(file)) await writeFile(file, newSecret(), { mode: 0o600 });
  return readFile(file, 'utf8');
}

/** Writes a file anew, which its owner alone can read. */
export async function writeSecretFile(file: string, text: string): Promise<void> {
  // The mode counts for a new file only.
  await rm(file, { force: true });
  await writeFile(file, text, { mode: 0o600 });
}
