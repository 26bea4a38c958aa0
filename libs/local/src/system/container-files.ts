import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the containers of the programs mount the folder `auth`, which has nothing secret. */
export const AUTH_FOLDER = '/auth';

/** Variables in the form that `node --env-file` reads. */
export const linesOf = (variables: Readonly<Record<string, string>>): string =>
  Object.entries(variables)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join('');

/** Readable by the user of a container: the folder is a volume that its containers alone mount. */
export async function writeForContainer(folder: string, file: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, file), text);
}
