/** A package in package-lock.json (https://docs.npmjs.com/cli/configuring-npm/package-lock-json#packages), as far as it is read here. */
export interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly link?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly hasInstallScript?: boolean;
}

/** By folder, as in the lockfile. */
export type Lock = Readonly<Record<string, LockedPackage>>;

/** The field of package.json: whether npm runs the install scripts of a package. */
export type AllowScripts = Readonly<Record<string, boolean>>;

const REGISTRY = 'https://registry.npmjs.org/';

// Their authors demand at most a notice, or that changes to their own files stay open.
const LICENCES = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC-BY-4.0',
  'CC0-1.0',
  'EPL-2.0',
  'ISC',
  'MIT',
  'MIT-0',
  'MPL-2.0',
  'OFL-1.1',
  'Python-2.0',
  'Unlicense',
]);

// They name none in their package.json: read in their LICENSE.
const READ: Readonly<Record<string, string>> = { 'seq-queue': 'MIT' };

const nameOf = (folder: string): string => folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);

// npm locks the optional builds of every platform, also one that could not be read where the lockfile was written. Nothing of
// them is installed on the platforms that CI and the images use.
const isOtherPlatform = ({ optional, os, integrity }: LockedPackage): boolean =>
  optional === true && os !== undefined && integrity === undefined;

/** @returns the faults of a lockfile, a line each: origin, integrity, licence, and install scripts nobody has decided about */
export function faultsOf(lock: Lock, allowScripts: AllowScripts): string[] {
  const ofOthers = Object.entries(lock).filter(([folder, { link }]) => folder.includes('node_modules/') && !link);
  return ofOthers.flatMap(([folder, locked]) => {
    const faults = [...originFaults(locked), ...(isOtherPlatform(locked) ? [] : contentFaults(nameOf(folder), locked))];
    if (locked.hasInstallScript && !isDecided(nameOf(folder), locked, allowScripts))
      faults.push('has an install script that allowScripts of package.json neither allows nor denies');
    return faults.map((fault) => `${folder}: ${fault}`);
  });
}

function originFaults({ version, resolved }: LockedPackage): string[] {
  const isOfRegistry = resolved === undefined || resolved.startsWith(REGISTRY);
  const isVersion = version !== undefined && /^\d+\.\d+\.\d+/.test(version);
  return [
    ...(isOfRegistry ? [] : [`comes from ${resolved}, not from ${REGISTRY}`]),
    ...(isVersion ? [] : [`has the version ${version ?? 'none'}, which names no release`]),
  ];
}

function contentFaults(name: string, { integrity, license = READ[name] }: LockedPackage): string[] {
  const isHashed = /^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '');
  return [
    ...(isHashed ? [] : ['has no SHA-512 integrity']),
    ...(isAllowed(license) ? [] : [`has the licence ${license ?? 'none'}, which is not on the list`]),
  ];
}

/** Whether an SPDX expression without nested brackets is allowed: all of its parts, or one of alternatives. */
function isAllowed(licence: string | undefined): boolean {
  if (licence === undefined) return false;
  const alternatives = licence.replace(/^\((.*)\)$/, '$1').split(/ or /i);
  return alternatives.some((one) => one.split(/ and /i).every((id) => LICENCES.has(id.trim())));
}

// Builds for platforms that are never installed here have a script too.
const isDecided = (name: string, { os }: LockedPackage, allowScripts: AllowScripts): boolean =>
  Object.hasOwn(allowScripts, name) || os?.every((it) => it !== 'linux') === true || /-(arm|ia32|ppc64)$/.test(name);
