/** Builds the pages into dist/, with a compressed copy beside each file, and refuses a first load above its budget. */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';

// The script that index.html loads and all that it imports statically.
const FIRST_LOAD_LIMIT = 150_000;

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
await build({ root, logLevel: 'warn' });

const gzipped = (file: string): number => gzipSync(readFileSync(file), { level: 9 }).length;

/** Paths of the scripts of the first load: index.html names them as script and modulepreload. */
const firstScripts = [
  ...readFileSync(join(dist, 'index.html'), 'utf8').matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g),
];
const firstLoad = firstScripts.reduce((sum, [, path]) => sum + gzipped(join(dist, path ?? '')), 0);
const all = globSync('assets/*.js', { cwd: dist }).reduce((sum, path) => sum + gzipped(join(dist, path)), 0);

const compressible = globSync('**/*.{html,js,css,svg}', { cwd: dist });
for (const path of compressible) {
  const file = join(dist, path);
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  writeFileSync(`${file}.br`, brotliCompressSync(readFileSync(file), { params }));
}

const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
console.log(`JavaScript, gzip: first load ${kB(firstLoad)} of ${kB(FIRST_LOAD_LIMIT)}, all ${kB(all)}`);
if (firstScripts.length === 0 || firstLoad > FIRST_LOAD_LIMIT) process.exit(1);
