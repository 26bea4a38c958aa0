/**
 * Checks that money, stock and mail add up:  node ops/src/audit.ts [--json]
 * DATABASE_URL is the server's URL without a database; DATABASE_PREFIX and ORDER_DEADLINE_SECONDS are those of the services.
 * Without DATABASE_URL the system that `npm start` keeps up is audited. Exit code 1 when a rule is broken, 2 when the audit fails.
 */
import { parseArgs, styleText } from 'node:util';
import { reasonOf } from '@orderflow/local';
import { audit, type AuditReport } from './audit/audit.ts';
import { requireRunning } from './demo/running-system.ts';
import { tableOf } from './demo/table.ts';

const SHOWN = 10;

async function auditNamedSystem(): Promise<AuditReport> {
  const { DATABASE_URL: databaseUrl, DATABASE_PREFIX: databasePrefix = '', ORDER_DEADLINE_SECONDS } = process.env;
  if (databaseUrl) return audit({ databaseUrl, databasePrefix }, Number(ORDER_DEADLINE_SECONDS || 60));
  const running = requireRunning();
  return audit(running, running.orderDeadlineSeconds);
}

/** The first lines, and the number of the others. */
function shorten(lines: readonly string[], count: number): string[] {
  const more = count - Math.min(lines.length, SHOWN);
  return [...lines.slice(0, SHOWN), ...(more > 0 ? [`and ${more} more`] : [])].map((line) => `  ${line}`);
}

function print({ ok, findings, parked, parkedCount }: AuditReport): void {
  const verdict = (holds: boolean) => (holds ? styleText('green', '✓') : styleText('red', '✗'));
  const rows = findings.map((it) => [verdict(it.count === 0), it.rule, it.expected, it.found]);
  console.log(tableOf([['', 'rule', 'expected', 'found'], ...rows]));
  for (const { rule, problems, count } of findings) {
    if (count > 0) console.log([`\n${styleText('red', rule)}`, ...shorten(problems, count)].join('\n'));
  }
  if (parked.length > 0) {
    const lines = parked.map(
      (it) =>
        `${it.service}: ${it.topic}/${it.partition}@${it.offset} of ${it.subject || '(no order)'}, ${it.attempts} attempts${it.dead ? ', dead letter' : ''}: ${it.reason}`,
    );
    console.log([`\nParked, waiting for a retry or for an operator:`, ...shorten(lines, parkedCount)].join('\n'));
  }
  console.log(`\n${ok ? 'All of it adds up.' : 'It does not add up.'}`);
}

try {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
  const report = await auditNamedSystem();
  if (values.json) console.log(JSON.stringify(report, null, 2));
  else print(report);
  process.exitCode = report.ok ? 0 : 1;
} catch (error) {
  console.error(reasonOf(error));
  process.exitCode = 2;
}
