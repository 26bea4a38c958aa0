import { execFile } from 'node:child_process';
import { join } from 'node:path';

export const repository = join(import.meta.dirname, '..', '..', '..', '..');

export interface Ran {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs `orderflow <command>` as an operator would. */
export async function runOps(
  command: 'audit' | 'dead-letters' | 'demo' | 'rebuild' | 'recover' | 'replay' | 'republish' | 'topics',
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join('ops', 'src', 'orderflow.ts'), command, ...args],
      { cwd: repository, env: { ...process.env, ...env }, timeout: 120_000, maxBuffer: 64 * 1024 * 1024 },
      (error, output, errors) => resolve({ exitCode: error === null ? 0 : Number(error.code ?? -1), output, errors }),
    );
  });
}

/** The part of `audit --json` that is read here. */
interface Report {
  readonly findings: readonly { readonly rule: string; readonly problems: readonly string[] }[];
  readonly parked: readonly { readonly service: string; readonly subject: string; readonly reason: string }[];
}

/** Every violation and every parked record, a line each. */
export interface Audited {
  readonly violations: readonly string[];
  readonly parked: readonly string[];
}

/** Audits the system that `env` names. */
export async function runAudit(env: Readonly<Record<string, string>>): Promise<Audited> {
  const { exitCode, output, errors } = await runOps('audit', ['--json'], env);
  if (output === '') throw new Error(`the audit gave no report: ${errors}`);
  const { findings, parked } = JSON.parse(output) as Report;
  const violations = findings.flatMap(({ rule, problems }) => problems.map((problem) => `${rule}: ${problem}`));
  const expected = violations.length === 0 ? 0 : 1;
  return {
    violations: exitCode === expected ? violations : [...violations, `the audit exits ${exitCode}, not ${expected}`],
    parked: parked.map(({ service, subject, reason }) => `${service}: ${subject}: ${reason}`),
  };
}
