/**
 * Run this after every `npm install` that changed package-lock.json:  node scripts/complete-lock.mjs
 *
 * A package with native code names one optional dependency per platform. A registry that does not serve all of them makes
 * `npm install` leave the missing ones out of the lock, and `npm ci` then refuses that lock ("EUSAGE ... Missing:"), also on
 * platforms that need none of them. So each one that is named with an exact version gets the entry that npm would have written.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(new URL('../package-lock.json', import.meta.url));
const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

/** What a platform package's name says: "@swc/core-linux-x64-musl" is for linux, x64, musl. */
export function platformOf(name) {
  const words = name.split(/[/-]/);
  const os = words.includes('windows') ? 'win32' : SYSTEMS.find((it) => words.includes(it));
  const cpu = PROCESSORS.find((it) => words.includes(it) || words.includes(`${it}gnu`));
  const libc = words.some((it) => it.startsWith('musl'))
    ? 'musl'
    : words.some((it) => it.startsWith('gnu'))
      ? 'glibc'
      : undefined;
  return {
    ...(os && { os: [os] }),
    ...(cpu && { cpu: [cpu] }),
    ...(os === 'linux' && libc && { libc: [libc] }),
  };
}

/** Whether `name` is in the lock where the package at `path` would find it: below itself or below a folder above it. */
function isLocked(packages, path, name) {
  const steps = path.split('/');
  return (
    steps.some((_, up) => [...steps.slice(0, steps.length - up), 'node_modules', name].join('/') in packages) ||
    `node_modules/${name}` in packages
  );
}

/** The lock's packages with an entry for each platform package that is named but missing, sorted as npm sorts them. */
export function complete(packages) {
  const added = {};
  for (const [path, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (!/^\d+\.\d+\.\d+/.test(version) || isLocked(packages, path, name)) continue;
      added[`node_modules/${name}`] = { version, ...platformOf(name), ...(dev && { dev }), optional: true };
    }
  }
  const sorted = Object.entries({ ...packages, ...added }).sort(([a], [b]) => a.localeCompare(b, 'en'));
  return { packages: Object.fromEntries(sorted), added: Object.keys(added) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const { packages, added } = complete(lock.packages);
  if (added.length > 0) writeFileSync(file, `${JSON.stringify({ ...lock, packages }, null, 2)}\n`);
  console.log(added.length === 0 ? 'package-lock.json is complete' : `added ${added.length}: ${added.join(' ')}`);
}
