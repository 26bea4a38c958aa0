/** `orderflow audit`: the command line of the audit. */
import { parseArgs, styleText } from 'node:util';
import { USUAL_CONSOLE_PORT } from '@orderflow/client';
import { reasonOf, SetupError } from '@orderflow/local';
import { audit, type AuditReport } from './audit/audit.ts';
import { lacksTopics } from './audit/journal.ts';
import { tokenOf, tokenUsage } from './caller.ts';
import { requireRunning } from './demo/running-system.ts';
import { tableOf } from './demo/table.ts';
import { orderDeadlineSeconds } from './order-deadline.ts';

const SHOWN = 10;

const options = { json: { type: 'boolean' }, post: { type: 'boolean' }, token: { type: 'string' } } as const;

export const usage = `Usage: orderflow audit [--json] [--post [--token TOKEN]]

Compares the books of the services, the payment provider and the mailbox with each other, and the console's journal with
the topics.

  --json  print the report as JSON
  --post  send the report to the console too, for its page Proof
${tokenUsage}

Without DATABASE_URL it audits the system that \`npm start\` keeps up. Otherwise these variables name the system:
  DATABASE_URL            the database server, without a database name
  DATABASE_PREFIX         the prefix of every database name
  ORDER_DEADLINE_SECONDS  the deadline of that system, 60 by default
  KAFKA_BROKERS           host:port of the brokers, separated by commas, for the rule about journal and topics
  TOPIC_PREFIX            the prefix of every topic
  CONSOLE_URL             where --post finds the console, http://localhost:3000 by default

Exit code: 0 every rule holds, 1 a rule is broken, 2 the audit could not run, or its report could not be sent.`;

async function auditNamedSystem(): Promise<AuditReport> {
  const { DATABASE_URL: databaseUrl, DATABASE_PREFIX: databasePrefix = '' } = process.env;
  const { KAFKA_BROKERS: kafkaBrokers = '', TOPIC_PREFIX: topicPrefix = '' } = process.env;
  if (databaseUrl)
    return audit({ databaseUrl, databasePrefix, kafkaBrokers, topicPrefix }, orderDeadlineSeconds() ?? 60);
  const running = requireRunning();
  return audit(running, running.orderDeadlineSeconds);
}

/** Of the system that is audited. */
function consoleUrl(): string {
  const { CONSOLE_URL, DATABASE_URL } = process.env;
  const url = CONSOLE_URL || (DATABASE_URL ? `http://localhost:${USUAL_CONSOLE_PORT}` : requireRunning().consoleUrl);
  if (url === undefined) throw new SetupError('The system that runs here has no console: CONSOLE=off.');
  return url.replace(/\/+$/, '');
}

async function sendToConsole(report: AuditReport, token: string | undefined): Promise<void> {
  const { postReport } = await import('./audit/post-report.ts');
  await postReport(consoleUrl(), report, await tokenOf({ token, url: process.env['DATABASE_URL'], role: 'operator' }));
}

/** The first lines, and the number of the others. */
function shorten(lines: readonly string[], count: number): string[] {
  const more = count - Math.min(lines.length, SHOWN);
  return [...lines.slice(0, SHOWN), ...(more > 0 ? [`and ${more} more`] : [])].map((line) => `  ${line}`);
}

function print({ ok, findings, parked, parkedCount, deadCalls, ...deferred }: AuditReport): void {
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
  if (deferred.deferredCount > 0) {
    const lines = deferred.deferredCalls.map(
      (it) => `${it.service}/${it.key}, since ${it.since}, next attempt at ${it.nextAttemptAt}: ${it.reason}`,
    );
    const shown = shorten(lines, deferred.deferredCount);
    console.log([`\nCalls that the other side has put off, made again automatically:`, ...shown].join('\n'));
  }
  console.log(`\n${ok ? 'All of it adds up.' : 'It does not add up.'}`);
}

export async function main(args: readonly string[]): Promise<number> {
  try {
    const { json = false, post = false, token } = parseArgs({ args: [...args], options }).values;
    const report = await auditNamedSystem();
    if (json) console.log(JSON.stringify(report, null, 2));
    else print(report);
    if (lacksTopics(report.findings))
      console.error('The journal was not compared with the topics: KAFKA_BROKERS is not set.');
    if (post) await sendToConsole(report, token);
    return report.ok ? 0 : 1;
  } catch (error) {
    console.error(reasonOf(error));
    return 2;
  }
}
