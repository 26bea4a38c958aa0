import { setTimeout as sleep } from 'node:timers/promises';
import { SystemClient } from '@orderflow/client';
import { auditUntilPasses } from '../../../ops/src/audit/audit-until-passes.ts';
import { stockUp } from '../../../bench/src/load-orders.ts';
import { SETTLE_TIMEOUT_MS } from '../../../bench/src/load-run.ts';
import { TemporaryStack } from '@orderflow/local';
import type { Drill, Stage } from './drills.ts';
import { type Alert, Prometheus } from './prometheus.ts';
import { SteadyLoad } from './steady-load.ts';
import type { Timeline } from './timeline.ts';

const ORDERS_PER_SECOND = 4;
const UNITS_OF_EACH = 2_000;
// Long enough for what must be quiet to show that it is: the longest `for` that a healthy start could run into is 30 s.
const QUIET_MS = 40_000;
const QUIET_TIMEOUT_MS = 120_000;
const RESOLVED_TIMEOUT_MS = 300_000;
const AUDIT_TIMEOUT_MS = 30_000;
const POLL_MS = 500;
// The rules are written for this one.
const ORDER_DEADLINE_SECONDS = '60';

/** The alerts as they come and go. */
class Watch {
  private readonly others = new Set<string>();

  private readonly drill: Drill;
  private readonly timeline: Timeline;
  private readonly prometheus: Prometheus;
  private readonly broken: Promise<never>;

  /** @param broken rejects when waiting makes no sense any more */
  constructor(drill: Drill, timeline: Timeline, prometheus: Prometheus, broken: Promise<never>) {
    this.drill = drill;
    this.timeline = timeline;
    this.prometheus = prometheus;
    this.broken = broken;
  }

  /** Asks Prometheus until `condition` holds of this drill's alerts. @throws Error when that takes longer */
  async until(condition: (alerts: readonly Alert[]) => boolean | Promise<boolean>, withinMs: number, what: string) {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const alerts = await Promise.race([this.prometheus.alerts(), this.broken]);
      this.noteOthers(alerts);
      const own = alerts.filter(({ labels }) => labels['alertname'] === this.drill.alert);
      if (await condition(own)) return;
      if (Date.now() >= deadline) throw new Error(`${this.drill.alert} is not ${what} after ${withinMs / 1000} s`);
      await sleep(POLL_MS);
    }
  }

  /** Not firing in all that time, and at its end not even pending. */
  async quiet(): Promise<void> {
    const wanted = Date.now() + QUIET_MS;
    const isQuiet = async (alerts: readonly Alert[]) => {
      if (alerts.some(({ state }) => state === 'firing')) throw new Error(`${this.drill.alert} fires without a cause`);
      return alerts.length === 0 && (await this.prometheus.evaluatedAt()) >= wanted;
    };
    await this.until(isQuiet, QUIET_TIMEOUT_MS, 'quiet');
  }

  async firing(): Promise<void> {
    const isFiring = (alerts: readonly Alert[]) => {
      const caused = alerts.filter(({ labels }) =>
        Object.entries(this.drill.labels).every(([name, value]) => labels[name] === value),
      );
      const firing = caused.find(({ state }) => state === 'firing');
      if (caused.length > 0 && firing === undefined) this.timeline.mark('pending', namesOf(caused[0]));
      if (firing === undefined) return false;
      const { summary, runbook_url: runbook } = firing.annotations;
      this.timeline.mark('firing', `${namesOf(firing)}: ${summary} (see ${runbook})`);
      return true;
    };
    await this.until(isFiring, this.drill.seconds * 2_000, 'firing');
  }

  async resolved(): Promise<void> {
    await this.until((alerts) => alerts.length === 0, RESOLVED_TIMEOUT_MS, 'resolved');
    this.timeline.mark('resolved', 'Prometheus says so');
  }

  /** One cause may have several symptoms. */
  private noteOthers(alerts: readonly Alert[]): void {
    for (const alert of alerts) {
      const name = namesOf(alert);
      if (alert.state !== 'firing' || alert.labels['alertname'] === this.drill.alert || this.others.has(name)) continue;
      this.others.add(name);
      this.timeline.say(`(also firing: ${name})`);
    }
  }
}

function namesOf(alert: Alert | undefined): string {
  const { alertname = '', job = '', group } = alert?.labels ?? {};
  return `${alertname} of ${group ?? job}`;
}

async function checkBooks({ infrastructure: { databaseUrl } }: Stage): Promise<void> {
  const { ok, findings, parked } = await auditUntilPasses({ databaseUrl, databasePrefix: '' }, AUDIT_TIMEOUT_MS);
  if (ok && parked.length === 0) return;
  const problems = findings.flatMap(({ rule, problems: [first] }) =>
    first === undefined ? [] : [`${rule}: ${first}`],
  );
  throw new Error(`the books do not add up: ${[...problems, `${parked.length} parked`].join('; ')}`);
}

async function causeAndMend(drill: Drill, stage: Stage, watch: Watch, timeline: Timeline): Promise<void> {
  const mend = await drill.cause(stage);
  timeline.mark('caused', drill.causes);
  try {
    await watch.firing();
  } finally {
    await mend();
    timeline.mark('mended', drill.mends);
  }
  await watch.resolved();
}

async function play(drill: Drill, stage: Stage, watch: Watch, timeline: Timeline): Promise<void> {
  const { urls } = stage.system;
  const customerId = `game-day-${Date.now().toString(36)}`;
  const client = new SystemClient(urls);
  await stockUp(client, UNITS_OF_EACH);
  const load = new SteadyLoad(urls.orders, customerId, ORDERS_PER_SECOND);
  try {
    timeline.say(`${ORDERS_PER_SECOND} orders a second are placed`);
    await watch.quiet();
    timeline.say(`${drill.alert} is quiet, and has been for ${QUIET_MS / 1000} s`);
    await causeAndMend(drill, stage, watch, timeline);
    await load.finish();
  } finally {
    load.close();
  }
  await client.allSettled(customerId, load.accepted, SETTLE_TIMEOUT_MS);
  const { accepted, refused, reason } = load;
  timeline.say(`${accepted} orders accepted and settled, ${refused} refused${refused > 0 ? ` (${reason})` : ''}`);
  await checkBooks(stage);
  timeline.say('money, stock and mail add up, nothing is parked');
}

/** One drill on a stack of its own, from nothing to nothing. @throws Error that says what did not hold */
export async function runDrill(drill: Drill, timeline: Timeline): Promise<void> {
  const stack = await TemporaryStack.start('game-day');
  const system = await stack.startSystem({
    databasePrefix: '',
    topicPrefix: '',
    env: { orders: { ORDER_DEADLINE_SECONDS } },
  });
  const prometheus = await Prometheus.start(stack.dir, system.urls);
  timeline.say(`the system is up, and Prometheus at ${prometheus.url}`);
  const stage = { infrastructure: stack.infrastructure, system };
  const watch = new Watch(drill, timeline, prometheus, stack.broken);
  await Promise.race([play(drill, stage, watch, timeline), stack.broken]);
  await system.stop();
  await stack.stop();
}
