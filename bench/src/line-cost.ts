/**
 * Measures what the lines of an order cost: CPU of all processes per order, for orders of one line, for orders as a real shop
 * has them, and for orders of 1,000 lines, on one system of its own:
 *   npm run line-cost -- --orders 400 --rounds 5 [--assert]
 *   npm run line-cost -- --orders 100 --rounds 1 --sales 19959    and then as many sales as the real shop had in a year
 * At the end every order must be confirmed, and the audit must pass.
 */
import { inParallel, type Line, type NewOrder, SystemClient, serviceNames } from '@orderflow/client';
import { Shop } from '@orderflow/console/shop';
import { connected, databaseUrlOf, runAndClean, type System, TemporaryStack } from '@orderflow/local';
import { auditUntilPasses } from '../../ops/src/audit/audit.ts';
import { tableOf } from '../../ops/src/demo/table.ts';
import {
  inRounds,
  medianOf,
  ratioOf,
  ratioSpreadOf,
  readOptions,
  type Rounds,
  type Side,
  spreadOf,
  yardstick,
} from './harness.ts';
import { type CpuTimes, cpuTimesOf } from './load-cpu.ts';
import { openShop, Poster } from './load-orders.ts';
import { memoryOf } from './process-memory.ts';

/** Units of each product, delivered at once. */
const UNITS = 1_000_000;
const MANY_LINES = 1_000;
/** Orders of 1,000 lines are fewer, so that each side takes about as long. */
const FEWER = 10;
const AUDIT_MS = 60_000;
const POLL_MS = 100;
const TIMEOUT_MS = 300_000;

interface Cost {
  /** Of an order, ms. */
  readonly cpuMs: number;
  readonly byProcess: CpuTimes;
  readonly linesPerOrder: number;
}

interface Kind {
  readonly name: string;
  readonly orders: number;
  /** Times the CPU of an order of one line that an order may cost. */
  readonly mayCost: number;
  readonly lines: () => Line[];
}

class Measurement {
  private readonly stack: TemporaryStack;
  private readonly system: System;
  private readonly concurrency: number;
  private readonly client: SystemClient;
  private readonly poster: Poster;
  private readonly database: string;

  constructor(stack: TemporaryStack, system: System, concurrency: number) {
    this.stack = stack;
    this.system = system;
    this.concurrency = concurrency;
    this.client = new SystemClient(system.urls);
    this.poster = new Poster(system.urls.orders, concurrency);
    this.database = databaseUrlOf(stack.infrastructure.databaseUrl, 'orders');
  }

  async begin(shop: Shop): Promise<void> {
    await openShop(this.client, shop.products, UNITS);
  }

  /** Places orders of this kind, and waits until all are confirmed. @throws Error when one is not */
  async measure({ orders, lines }: Kind, customerId: string): Promise<Cost> {
    const placed = Array.from({ length: orders }, (): NewOrder => {
      return { customerId, email: 'shop@example.com', currency: 'GBP', lines: lines(), paymentToken: 'tok_visa' };
    });
    const before = this.cpuTimes();
    await inParallel(orders, this.concurrency, async (index) => void (await this.poster.post(placed[index]!)));
    await this.confirmed(customerId, orders);
    const since = Object.entries(this.cpuTimes()).map(
      ([name, ms]) => [name, (ms - (before[name] ?? 0)) / orders] as const,
    );
    const cpuMs = since.reduce((sum, [, ms]) => sum + ms, 0);
    return {
      cpuMs,
      byProcess: Object.fromEntries(since),
      linesPerOrder: placed.reduce((sum, order) => sum + order.lines.length, 0) / orders,
    };
  }

  /** The most that each process of the system had since its start, MiB. */
  peakMemory(): string {
    const each = serviceNames.map((name) => `${name} ${memoryOf(this.system.service(name).pid).peak.toFixed(0)}`);
    return `peak memory, MiB: ${each.join(', ')}`;
  }

  /** @returns whether every rule holds */
  async audit(): Promise<boolean> {
    const { databaseUrl } = this.stack.infrastructure;
    const { ok, findings } = await auditUntilPasses({ databaseUrl, databasePrefix: '' }, AUDIT_MS);
    for (const { rule, count } of findings) if (count > 0) console.log(`audit: ${count} times broken: ${rule}`);
    console.log(`audit: ${ok ? 'every rule holds' : 'failed'}`);
    return ok;
  }

  async end(): Promise<void> {
    this.poster.close();
    await this.system.stop();
    await this.stack.stop();
  }

  /** Counted in the database: reading the orders over HTTP would be a part of what they cost. */
  private async confirmed(customerId: string, orders: number): Promise<void> {
    const count = `SELECT count(*)::int AS settled, count(*) FILTER (WHERE status = 'confirmed')::int AS confirmed
                   FROM order_views WHERE customer_id = $1 AND settled`;
    await connected(this.database, async (client) => {
      const deadline = Date.now() + TIMEOUT_MS;
      for (;;) {
        const { settled, confirmed } = (await client.query(count, [customerId])).rows[0];
        if (confirmed === orders) return;
        if (settled > confirmed) throw new Error(`${settled - confirmed} of ${orders} orders were not confirmed`);
        if (Date.now() > deadline) throw new Error(`${settled} of ${orders} orders are settled`);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    });
  }

  /** Of all processes: the services, the sandbox, PostgreSQL, Kafka and the registry. */
  private cpuTimes(): CpuTimes {
    const services = serviceNames.map((name) => [name, this.system.service(name).pid] as const);
    return cpuTimesOf({ ...Object.fromEntries(services), ...this.stack.infrastructure.pids });
  }
}

const cpuOf = ({ cpuMs }: Cost): number => cpuMs;

function printTable(kinds: readonly Kind[], rounds: Rounds<Cost>): void {
  const rows = kinds.map(({ name }, side) => [
    name,
    medianOf(rounds, side, ({ linesPerOrder }) => linesPerOrder).toFixed(1),
    medianOf(rounds, side, cpuOf).toFixed(1),
    spreadOf(rounds, side, cpuOf, 1),
    ratioOf(rounds, side, cpuOf).toFixed(2),
    ratioSpreadOf(rounds, side, cpuOf),
  ]);
  const heading = ['orders', 'lines per order', 'CPU ms per order', 'spread', 'of one line', 'spread'];
  console.log(`\n${tableOf([heading, ...rows])}`);
  const processes = Object.keys(rounds[0]?.[0]?.byProcess ?? {});
  const shares = kinds.map(({ name }, side) => [
    name,
    ...processes.map((process) => medianOf(rounds, side, ({ byProcess }) => byProcess[process] ?? 0).toFixed(2)),
  ]);
  console.log(`\n${tableOf([['CPU ms per order', ...processes], ...shares])}`);
}

/** Places further sales. @throws Error when one is not accepted and confirmed */
async function sell(measurement: Measurement, shop: Shop, sales: number): Promise<void> {
  const since = performance.now();
  const kind: Kind = { name: 'sales', orders: sales, mayCost: Infinity, lines: () => shop.sale() };
  const { cpuMs, linesPerOrder } = await measurement.measure(kind, 'sales');
  const seconds = ((performance.now() - since) / 1000).toFixed(0);
  const lines = Math.round(sales * linesPerOrder);
  console.log(`\n${sales} sales, ${lines} lines: confirmed after ${seconds} s, ${cpuMs.toFixed(1)} CPU ms per order`);
}

async function run(): Promise<boolean> {
  const defaults = { orders: 400, rounds: 5, concurrency: 64, seed: 1, sales: 0, assert: false };
  const { orders, rounds, concurrency, seed, sales, assert } = readOptions(defaults);
  const shop = new Shop(seed);
  const kinds: readonly Kind[] = [
    { name: 'one line', orders, mayCost: 1, lines: () => shop.sale(1) },
    { name: 'of a real shop', orders, mayCost: 1.1, lines: () => shop.sale() },
    { name: '1,000 lines', orders: Math.ceil(orders / FEWER), mayCost: 5, lines: () => shop.sale(MANY_LINES) },
  ];
  const stack = await TemporaryStack.start('line-cost');
  const system = await stack.startSystem({ databasePrefix: '', topicPrefix: '', env: {} });
  const measurement = new Measurement(stack, system, concurrency);
  await measurement.begin(shop);
  const sides = kinds.map((kind, side): Side<Cost> => {
    const measure = async (round: number) => {
      const cost = await Promise.race([measurement.measure(kind, `round-${round}-${side}`), stack.broken]);
      console.log(
        `${round === 0 ? 'not counted' : `round ${round}`}: ${kind.name}: ${cost.cpuMs.toFixed(1)} CPU ms per order`,
      );
      return cost;
    };
    return { name: kind.name, measure };
  });
  console.log(`${yardstick()}\n${orders} orders, ${concurrency} at a time, ${rounds} rounds`);
  for (const side of sides) await side.measure(0);
  const measured = await inRounds(rounds, sides);
  printTable(kinds, measured);
  console.log(measurement.peakMemory());
  if (sales > 0) await Promise.race([sell(measurement, shop, sales), stack.broken]);
  const isSound = await measurement.audit();
  await measurement.end();
  const tooDear = kinds.filter(({ mayCost }, side) => ratioOf(measured, side, cpuOf) > mayCost);
  for (const { name, mayCost } of tooDear)
    console.log(`orders ${name} cost more than ${mayCost} times one of one line`);
  return isSound && (!assert || tooDear.length === 0);
}

await runAndClean(run);
