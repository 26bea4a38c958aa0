import { execFile } from 'node:child_process';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '..', '..', '..', '..');

export interface AuditReport {
  readonly exitCode: number;
  /** What `--json` printed. */
  readonly report: unknown;
}

/** Runs `tools/audit.ts` as a person would, against the system that `env` names. */
export async function runAudit(env: Readonly<Record<string, string>>): Promise<AuditReport> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [join('tools', 'audit.ts'), '--json'],
      { cwd: repository, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        try {
          const exitCode = error === null ? 0 : Number(error.code);
          resolve({ exitCode, report: JSON.parse(stdout) as unknown });
        } catch {
          reject(new Error(`tools/audit.ts gave no report: ${stderr || (error?.message ?? stdout)}`));
        }
      },
    );
  });
}
