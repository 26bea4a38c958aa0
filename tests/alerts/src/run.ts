import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import { SystemClient } from '@orderflow/client';
import { TemporaryStack } from '@orderflow/local';
import { auditUntilPasses } from '../../../ops/src/audit/audit.ts';
import { stockUp } from '../../../bench/src/load-orders.ts';
import { SETTLE_TIMEOUT_MS } from '../../../bench/src/load-run.ts';
import { Customers } from '../../chaos/src/customers.ts';
import type { Drill, Stage } from './drills.ts';
import { type Alert, alertsAt, evaluatedAt, startPrometheus } from './prometheus.ts';

const ORDERS_PER_SECOND = 4;
const ANSWERS_TIMEOUT_MS = 60_000;
const UNITS_OF_EACH = 2_000;
// The longest `for` that a healthy start could run into is 30 s.
const QUIET_MS = 40_000;
const QUIET_TIMEOUT_MS = 120_000;
const RESOLVED_TIMEOUT_MS = 300_000;
const AUDIT_TIMEOUT_MS = 30_000;
const POLL_MS = 500;
// The rules are written for this one.
const ORDER_DEADLINE_SECONDS = '60';

/** The states of an alert in this order; one without `for` is never pending. */
export type Moment = 'caused' | 'pending' | 'firing' | 'mended' | 'resolved';

/** One drill on a stack of its own: causes the condition of an alert under load, and waits until it fires and resolves. */
export class DrillRun {
  private readonly drill: Drill;
  private readonly began = Date.now();
  private readonly moments = new Map<Moment, number>();
  private readonly others = new Set<string>();

  constructor(drill: Drill) {
    this.drill = drill;
  }

  /** @throws Error with the first expectation that did not hold */
  async run(): Promise<void> {
    const stack = await TemporaryStack.start('game-day');
    const env = { orders: { ORDER_DEADLINE_SECONDS } };
    const system = await stack.startSystem({ databasePrefix: '', topicPrefix: '', env });
    const prometheus = await startPrometheus(stack.dir, system.urls);
    this.print(`the system is up, and Prometheus at ${prometheus}`);
    const stage = { infrastructure: stack.infrastructure, system };
    await Promise.race([this.underLoad(stage, prometheus), stack.broken]);
    await system.stop();
    await stack.stop();
  }

  /** Prints a line with the seconds since the condition was caused, or since the start before that. */
  print(line: string): void {
    const caused = this.moments.get('caused');
    const passed = ((Date.now() - (caused ?? this.began)) / 1000).toFixed(1);
    console.log(`${(caused === undefined ? passed : `+${passed}`).padStart(7)} s  ${line}`);
  }

  /** Seconds between two moments; empty unless both came. */
  between(one: Moment, other: Moment): string {
    const [from, to] = [this.moments.get(one), this.moments.get(other)];
    return from === undefined || to === undefined ? '' : ((to - from) / 1000).toFixed(1);
  }

  private mark(moment: Moment, detail: string): void {
    if (this.moments.has(moment)) return;
    this.moments.set(moment, Date.now());
    this.print(`${styleText('bold', moment.padEnd(8))}  ${detail}`);
  }

  private async underLoad(stage: Stage, prometheus: string): Promise<void> {
    const client = new SystemClient(stage.system.urls);
    const customerId = `game-day-${Date.now().toString(36)}`;
    await stockUp(client, UNITS_OF_EACH);
    const customers = new Customers([stage.system.urls.orders], customerId);
    customers.begin(ORDERS_PER_SECOND, async () => customers.probe());
    this.print(`${ORDERS_PER_SECOND} orders a second are placed`);
    try {
      await this.untilQuiet(prometheus);
      this.print(`${this.drill.alert} is quiet, and has been for ${QUIET_MS / 1000} s`);
      await this.causeAndMend(stage, prometheus);
    } finally {
      await customers.finish(ANSWERS_TIMEOUT_MS);
    }
    const { placements, refusals } = customers;
    const accepted = placements.filter(({ orderIds }) => orderIds.size > 0).length;
    await client.allSettled(customerId, accepted, SETTLE_TIMEOUT_MS);
    const reason = refusals.length > 0 ? ` (${refusals.at(-1)})` : '';
    this.print(`${accepted} orders accepted and settled, ${refusals.length} refused${reason}`);
    await checkBooks(stage);
    this.print('money, stock and mail add up, nothing is parked');
  }

  private async causeAndMend(stage: Stage, prometheus: string): Promise<void> {
    const { cause, causes, mends, seconds } = this.drill;
    const mend = await cause(stage);
    this.mark('caused', causes);
    try {
      await this.until(prometheus, (alerts) => this.isFiring(alerts), seconds * 2_000, 'firing');
    } finally {
      await mend();
      this.mark('mended', mends);
    }
    await this.until(prometheus, (alerts) => alerts.length === 0, RESOLVED_TIMEOUT_MS, 'resolved');
    this.mark('resolved', 'Prometheus reports it no more');
  }

  /** Returns once the alert was not firing all that time, and is not even pending at its end. */
  private async untilQuiet(prometheus: string): Promise<void> {
    const wanted = Date.now() + QUIET_MS;
    const isQuiet = async (alerts: readonly Alert[]) => {
      if (alerts.some(({ state }) => state === 'firing')) throw new Error(`${this.drill.alert} fires without a cause`);
      return alerts.length === 0 && (await evaluatedAt(prometheus)) >= wanted;
    };
    await this.until(prometheus, isQuiet, QUIET_TIMEOUT_MS, 'quiet');
  }

  private isFiring(alerts: readonly Alert[]): boolean {
    const labels = Object.entries(this.drill.labels);
    const caused = alerts.filter((alert) => labels.every(([name, value]) => alert.labels[name] === value));
    const firing = caused.find(({ state }) => state === 'firing');
    if (firing === undefined) {
      if (caused[0] !== undefined) this.mark('pending', nameOf(caused[0]));
      return false;
    }
    const { summary, runbook_url: runbook } = firing.annotations;
    this.mark('firing', `${nameOf(firing)}: ${summary} (see ${runbook})`);
    return true;
  }

  /** Polls Prometheus until `condition` holds of this drill's alerts. @throws Error when that takes longer */
  private async until(
    prometheus: string,
    condition: (alerts: readonly Alert[]) => boolean | Promise<boolean>,
    withinMs: number,
    expected: string,
  ): Promise<void> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const alerts = await alertsAt(prometheus);
      const isOwn = ({ labels }: Alert) => labels['alertname'] === this.drill.alert;
      this.printOthers(alerts.filter((alert) => !isOwn(alert)));
      if (await condition(alerts.filter(isOwn))) return;
      if (Date.now() >= deadline) throw new Error(`${this.drill.alert} is not ${expected} after ${withinMs / 1000} s`);
      await sleep(POLL_MS);
    }
  }

  /** One cause may have several symptoms. */
  private printOthers(alerts: readonly Alert[]): void {
    for (const name of alerts.filter(({ state }) => state === 'firing').map(nameOf)) {
      if (!this.others.has(name)) this.print(`(also firing: ${name})`);
      this.others.add(name);
    }
  }
}

function nameOf({ labels: { alertname = '', job = '', group } }: Alert): string {
  return `${alertname} of ${group ?? job}`;
}

async function checkBooks({ infrastructure: { databaseUrl } }: Stage): Promise<void> {
  const { ok, findings, parked } = await auditUntilPasses({ databaseUrl, databasePrefix: '' }, AUDIT_TIMEOUT_MS);
  if (ok && parked.length === 0) return;
  const problems = findings.flatMap(({ rule, problems: [first] }) => (first ? [`${rule}: ${first}`] : []));
  throw new Error(`the books do not add up: ${[...problems, `${parked.length} parked`].join('; ')}`);
}
