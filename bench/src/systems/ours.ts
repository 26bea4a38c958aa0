import { serviceNames, SystemClient } from '@orderflow/client';
import { services } from '@orderflow/contracts';
import { databaseUrlOf, dropDatabase, type System, type TemporaryStack } from '@orderflow/local';
import { auditUntilPasses } from '../../../ops/src/audit/audit.ts';
import { openShop } from '../load-orders.ts';
import { sampled } from '../spans.ts';
import type { Audit, Batches, Books, Contender, MeasuredSystem } from './measured-system.ts';

const AUDIT_MS = 60_000;
/** Longer than any backlog: an order in it must not be cancelled for its age. */
const DEADLINE_SECONDS = '900';
const TRACED_SHARE = '0.05';

const books: Books = {
  orders: `
    SELECT v.order_id AS "orderId", coalesce(v.status, 'placed') AS status, v.settled,
           coalesce((p.data ->> 'totalMinor')::float8, 0) AS "totalMinor",
           extract(epoch FROM e.time)::float8 * 1000 AS "decidedAt",
           CASE WHEN v.settled THEN extract(epoch FROM v.updated_at)::float8 * 1000 END AS "settledAt"
    FROM order_views v LEFT JOIN order_events p ON p.order_id = v.order_id AND p.version = 1
         LEFT JOIN order_events e ON e.order_id = v.order_id AND e.type IN ('OrderConfirmed', 'OrderCancelled')`,
  settled: 'SELECT count(*)::int AS settled FROM order_views WHERE settled',
  stock: 'SELECT sku, on_hand AS "onHand", reserved FROM stock',
  unsent: 'SELECT count(*)::int AS unsent FROM outbox',
};

/** The histogram `orderflow_batch_size_messages` in OpenMetrics text, by consumer group. */
function batchesIn(metrics: string): Record<string, Batches> {
  const valuesOf = (name: string) =>
    new Map(
      [
        ...metrics.matchAll(
          new RegExp(`^orderflow_batch_size_messages_${name}\\{group="([^"]+)"[^}]*\\} (\\S+)`, 'gm'),
        ),
      ].map(([, group = '', value]) => [group, Number(value)]),
    );
  const counts = valuesOf('count');
  return Object.fromEntries(
    [...valuesOf('sum')].map(([group, messages]) => [group, { messages, count: counts.get(group) ?? 0 }]),
  );
}

class OurSystem implements MeasuredSystem {
  readonly books = books;
  readonly services = services;
  readonly ordersUrl: string;
  readonly databaseUrl: string;
  readonly databasePrefix: string;
  readonly topicPrefix: string;
  private readonly system: System;
  private readonly client: SystemClient;
  /** By their names, as `orders 2`. */
  private readonly members: Readonly<Record<string, { readonly pid: number }>>;

  constructor(
    stack: TemporaryStack,
    system: System,
    prefixes: { databasePrefix: string; topicPrefix: string },
    members: Readonly<Record<string, { readonly pid: number }>>,
  ) {
    this.system = system;
    this.client = new SystemClient(system.urls);
    this.ordersUrl = system.urls.orders;
    this.databaseUrl = stack.infrastructure.databaseUrl;
    this.databasePrefix = prefixes.databasePrefix;
    this.topicPrefix = prefixes.topicPrefix;
    this.members = members;
  }

  pids: MeasuredSystem['pids'] = () => {
    const processes = serviceNames.map((name) => [name, this.system.service(name)] as const);
    return Object.fromEntries([...processes, ...Object.entries(this.members)].map(([name, { pid }]) => [name, pid]));
  };

  service: MeasuredSystem['service'] = (name) => this.system.service(name);

  databaseOf: MeasuredSystem['databaseOf'] = (name) => this.databasePrefix + name;

  open: MeasuredSystem['open'] = (products, units) => openShop(this.client, products, units);

  async batches(): Promise<Record<string, Batches>> {
    const read = services.map(async (service) => batchesIn((await this.client.metrics(service)).body));
    return Object.assign({}, ...(await Promise.all(read))) as Record<string, Batches>;
  }

  async audit(): Promise<Audit> {
    const { ok, findings, parked } = await auditUntilPasses(this, AUDIT_MS);
    const broken = findings.filter(({ count }) => count > 0).map(({ rule, count }) => `${rule}: ${count}`);
    if (ok && parked.length === 0) return { ok: true, words: 'passes' };
    return { ok: false, words: [...broken, `${parked.length} parked`].join(', ') };
  }

  async stop(): Promise<void> {
    await this.system.stop();
    for (const name of serviceNames) await dropDatabase(databaseUrlOf(this.databaseUrl, this.databaseOf(name)));
  }
}

async function addMembers(system: System, count: number): Promise<Record<string, { readonly pid: number }>> {
  const members: Record<string, { readonly pid: number }> = {};
  for (let member = 2; member <= count; member++)
    for (const name of services) members[`${name} ${member}`] = await system.addMember(name);
  return members;
}

/**
 * Our system, with a share of its traces sampled.
 * @param sinkUrl receives the spans
 * @param members of each consumer group; orders are posted to the first process of orders
 */
export const ours = (stack: TemporaryStack, sinkUrl: string, members = 1): Contender => ({
  name: 'ours',
  lacks: ['mail is not exactly-once where a process is killed while it sends one: SMTP cannot be'],
  start: async (run) => {
    const prefixes = { databasePrefix: `${run}_`, topicPrefix: `${run}.` };
    const all = sampled(sinkUrl, 'parentbased_traceidratio', TRACED_SHARE);
    const system = await stack.startSystem({
      ...prefixes,
      env: { all, orders: { ORDER_DEADLINE_SECONDS: DEADLINE_SECONDS } },
    });
    return new OurSystem(stack, system, prefixes, await addMembers(system, members));
  },
});
