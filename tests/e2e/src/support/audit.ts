import { execFile } from 'node:child_process';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '..', '..', '..', '..');

/** The part of the output of `orderflow audit --json` that is read here. */
interface Report {
  readonly ok: boolean;
  readonly findings: readonly { readonly rule: string; readonly problems: readonly string[] }[];
  readonly parked: readonly { readonly service: string; readonly subject: string; readonly reason: string }[];
}

/** Every violation and everything that is parked, a line each. */
export interface Audited {
  readonly violations: readonly string[];
  readonly parked: readonly string[];
}

/** Runs `orderflow audit` as an operator would, on the system that `env` names. */
export async function runAudit(env: Readonly<Record<string, string>>): Promise<Audited> {
  const { report, exitCode } = await new Promise<{ report: Report; exitCode: number }>((resolve, reject) => {
    execFile(
      process.execPath,
      [join('ops', 'src', 'orderflow.ts'), 'audit', '--json'],
      { cwd: repository, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        try {
          resolve({ report: JSON.parse(stdout) as Report, exitCode: error === null ? 0 : Number(error.code) });
        } catch {
          reject(new Error(`orderflow audit gave no report: ${stderr || (error?.message ?? stdout)}`));
        }
      },
    );
  });
  const violations = report.findings.flatMap(({ rule, problems }) => problems.map((problem) => `${rule}: ${problem}`));
  const expected = violations.length === 0 ? 0 : 1;
  return {
    violations: exitCode === expected ? violations : [...violations, `the audit exits ${exitCode}, not ${expected}`],
    parked: report.parked.map(({ service, subject, reason }) => `${service}: ${subject}: ${reason}`),
  };
}
