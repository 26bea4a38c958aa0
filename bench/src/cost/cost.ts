/** What an order costs on a system of its own, and how systems compare in that. */
import { serviceNames, type SystemClient } from '@orderflow/client';
import { databaseUrlAs, type System, type TemporaryStack } from '@orderflow/local';
import { auditUntilPasses } from '../../../ops/src/audit/audit.ts';
import { tableOf } from '../../../ops/src/demo/table.ts';
import { medianOf, ratioOf, ratioSpreadOf, type Rounds, type Side, spreadOf } from '../harness.ts';
import { cpuTimesOf } from '../load-cpu.ts';
import { stockUp } from '../load-orders.ts';
import { type Load, placeAndSettle } from '../load-run.ts';
import { quantile } from '../statistics.ts';
import type { Prefixes } from './own-system.ts';

const AUDIT_MS = 60_000;

export type WarmLoad = Load & { readonly warmUp: number };

export interface Cost {
  readonly ordersPerSecond: number;
  /** CPU milliseconds per order. */
  readonly cpuMs: number;
  /** 99 % of the requests to place an order took no longer, ms. */
  readonly postP99: number;
}

/** The services, the sandbox, PostgreSQL, Kafka and the registry. */
export function pidsOf({ infrastructure }: TemporaryStack, system: System): Record<string, number> {
  const services = serviceNames.map((name) => [name, system.service(name).pid] as const);
  return { ...infrastructure.pids, ...Object.fromEntries(services) };
}

/**
 * Places orders to warm up, then those of the load.
 * @param pids of the processes whose CPU counts
 * @param atRest resolves once these processes have no work left with the orders of a customer
 * @throws Error when an order of the load is not confirmed
 */
export async function costOf(
  client: SystemClient,
  pids: Readonly<Record<string, number>>,
  load: WarmLoad,
  atRest: (customerId: string) => Promise<void> = async () => undefined,
): Promise<Cost> {
  const cpuMs = () => Object.values(cpuTimesOf(pids)).reduce((sum, ms) => sum + ms, 0);
  await stockUp(client, load.orders + load.warmUp);
  await placeAndSettle(client, 'warm-up', { ...load, orders: load.warmUp });
  await atRest('warm-up');
  const before = cpuMs();
  const { settledSeconds, latencies } = await placeAndSettle(client, 'measured', load);
  await atRest('measured');
  const spent = cpuMs() - before;
  const orders = await client.orders({ customerId: 'measured', status: 'confirmed' });
  if (orders.length !== load.orders) throw new Error(`${orders.length} of ${load.orders} orders were confirmed`);
  return {
    ordersPerSecond: load.orders / settledSeconds,
    cpuMs: spent / load.orders,
    postP99: quantile(latencies, 0.99),
  };
}

/** @throws Error with the rules that are broken after `withinMs` */
export async function demandAudit(
  { infrastructure }: TemporaryStack,
  prefixes: Prefixes,
  withinMs = AUDIT_MS,
): Promise<void> {
  const databaseUrl = databaseUrlAs('ops', infrastructure.databaseUrl, infrastructure.logins);
  const { ok, findings } = await auditUntilPasses({ ...infrastructure, ...prefixes, databaseUrl }, withinMs);
  const broken = findings.filter(({ count }) => count > 0).map(({ rule, count }) => `${count} times ${rule}`);
  if (!ok) throw new Error(`the audit fails: ${broken.join(', ')}`);
}

export const ordersPerSecond = (it: Cost): number => it.ordersPerSecond;
const cpuMs = (it: Cost): number => it.cpuMs;

/** The figures of a turn in words. */
export const costWords = (it: Pick<Cost, 'ordersPerSecond' | 'cpuMs'>): string =>
  `${it.ordersPerSecond.toFixed(0).padStart(5)} orders/s  ${it.cpuMs.toFixed(2)} CPU ms per order`;

/** Prints what each side costs, beside the first one. @param heading of the column of their names */
export function printCosts(heading: string, rounds: Rounds<Cost>, sides: readonly Side<Cost>[]): void {
  const rows = sides.map(({ name }, side) => [
    name,
    medianOf(rounds, side, ordersPerSecond).toFixed(0),
    spreadOf(rounds, side, ordersPerSecond),
    ratioOf(rounds, side, ordersPerSecond).toFixed(2),
    ratioSpreadOf(rounds, side, ordersPerSecond),
    medianOf(rounds, side, ({ postP99 }) => postP99).toFixed(0),
    medianOf(rounds, side, cpuMs).toFixed(2),
    ratioOf(rounds, side, cpuMs).toFixed(2),
    ratioSpreadOf(rounds, side, cpuMs),
  ]);
  const ratio = `of ${sides[0]!.name}`;
  const speed = ['orders/s', 'spread', ratio, 'spread', 'POST p99 ms'];
  console.log(`\n${tableOf([[heading, ...speed, 'CPU ms per order', ratio, 'spread'], ...rows])}`);
  console.log(`
Medians of ${rounds.length} rounds; "${ratio}" is the median of the ratios within each round. Orders per second: until all are
settled. CPU: the services, the sandbox, PostgreSQL, Kafka, the registry, and the console where there is one.`);
}
