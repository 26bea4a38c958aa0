/** `orderflow audit`: the command line of the audit. */
import { parseArgs, styleText } from 'node:util';
import { reasonOf } from '@orderflow/local';
import { audit, type AuditReport } from './audit/audit.ts';
import { requireRunning } from './demo/running-system.ts';
import { tableOf } from './demo/table.ts';

const SHOWN = 10;

export const usage = `Usage: orderflow audit [--json]

Compares the books of the services, the payment provider and the mailbox with each other.

  --json  print the report as JSON

Without DATABASE_URL it audits the system that \`npm start\` keeps up. Otherwise these variables name the system:
  DATABASE_URL            the database server, without a database name
  DATABASE_PREFIX         the prefix of every database name
  ORDER_DEADLINE_SECONDS  the deadline of that system, 60 by default

Exit code: 0 every rule holds, 1 a rule is broken, 2 the audit could not run.`;

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

function print({ ok, findings, parked, parkedCount, deadCalls }: AuditReport): void {
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
  if (deadCalls.length > 0) {
    const lines = deadCalls.map((it) => `${it.service}/${it.key}, ${it.attempts} attempts: ${it.reason}`);
    console.log(
      [`\nCalls that are dead letters, waiting for an operator:`, ...shorten(lines, lines.length)].join('\n'),
    );
  }
  console.log(`\n${ok ? 'All of it adds up.' : 'It does not add up.'}`);
}

export async function main(args: readonly string[]): Promise<number> {
  try {
    const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean', default: false } } });
    const report = await auditNamedSystem();
    if (values.json) console.log(JSON.stringify(report, null, 2));
    else print(report);
    return report.ok ? 0 : 1;
  } catch (error) {
    console.error(reasonOf(error));
    return 2;
  }
}
