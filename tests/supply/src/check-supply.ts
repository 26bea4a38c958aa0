/**
 * Checks the packages of others.
 *   node tests/supply/src/check-supply.ts           the lockfile: origin, integrity, licences, install scripts; without a network
 *   node tests/supply/src/check-supply.ts --audit   known vulnerabilities of what runs in production
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Accepted, type AuditReport, faultsOfAudit } from './advisories.ts';
import { type AllowScripts, faultsOf, type Lock } from './lock.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const read = <T>(...path: string[]): T => JSON.parse(readFileSync(join(root, ...path), 'utf8')) as T;

function faultsOfLockfile(): string[] {
  const { packages } = read<{ packages: Lock }>('package-lock.json');
  const { allowScripts } = read<{ allowScripts: AllowScripts }>('package.json');
  return faultsOf(packages, allowScripts);
}

/** @returns undefined where the registry does not answer */
function audit(): AuditReport | undefined {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { cwd: root, encoding: 'utf8' });
  const report = JSON.parse(stdout || '{}') as AuditReport & { auditReportVersion?: number };
  return report.auditReportVersion === undefined ? undefined : report;
}

function faultsOfProduction(): string[] {
  const report = audit();
  if (report === undefined) {
    // A machine without a network can still build and test everything else; `npm test` shows this line.
    console.log('Not checked: the registry answers no question about known vulnerabilities.');
    return [];
  }
  const today = new Date().toISOString().slice(0, 10);
  return faultsOfAudit(report, read<Accepted[]>('tests', 'supply', 'accepted.json'), today);
}

const faults = process.argv.includes('--audit') ? faultsOfProduction() : faultsOfLockfile();
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
