import { expect, it } from '@jest/globals';
import { type Event, type Service, services, topics } from '@orderflow/contracts';
import { type Heard, foldOf, type OrderView } from '@orderflow/order-view';
import type { RawRecord } from '@orderflow/kafka';
import fc from 'fast-check';
import { cutOf } from '../../../apps/console/src/domain/cuts.js';
import { headAfter, isOrderEvent, noHead, type OrderEvent } from '../../../apps/console/src/domain/head.js';
import type { Recorded } from '../../../apps/console/src/domain/journal.js';
import { codecOf } from './codecs.js';
import { plans } from './plan.js';
import { RareCounts } from './rare-paths.js';
import { run } from './run.js';
import { pseudoRandom } from './scheduler.js';
import type { SimulatedSystem } from './simulated-system.js';

const SEED = 20_261_130;
// One or two orders each.
const PLANS = 700;
const CUTS = 20;

interface Logged {
  readonly event: OrderEvent;
  readonly record: RawRecord;
}

const codec = codecOf('orders', new Map(), () => undefined);

/** The topics with their partitions, each in its order. */
async function partitionsOf({ broker }: SimulatedSystem): Promise<Logged[][]> {
  const logs = Object.keys(topics).flatMap((topic) => [0, 1].map((partition) => broker.log(`${topic}/${partition}`)));
  return Promise.all(
    logs.map(async (log) => {
      const read = await Promise.all(log.map(async (record) => ({ event: await codec.decode(record, ''), record })));
      return read.filter((it): it is Logged => isOrderEvent(it.event));
    }),
  );
}

/** A journal that has read the partitions in an order of its own, as the service `console` may. */
function journalOf(partitions: readonly Logged[][], next: (below: number) => number) {
  const left = partitions.map((log) => [...log]).filter(({ length }) => length > 0);
  const heads = new Map<string, typeof noHead>();
  const rows: Recorded[] = [];
  while (left.length > 0) {
    const which = next(left.length);
    const { event, record } = left[which]!.shift()!;
    if (left[which]!.length === 0) left.splice(which, 1);
    const before = heads.get(event.subject) ?? noHead;
    const head = headAfter(before, event, record.timestamp);
    heads.set(event.subject, head);
    rows.push(rowOf(event, record, rows.length + 1, head === before));
  }
  return {
    heads,
    recordsOf: async (orderId: string) => rows.filter(({ subject }) => subject === orderId),
    through: async () => new Date(8.64e15),
  };
}

const rowOf = (
  event: Event,
  { topic, partition, offset, timestamp, value }: RawRecord,
  position: number,
  repeats: boolean,
) => ({
  position: String(position),
  subject: event.subject,
  type: event.type,
  event,
  why: undefined,
  appendedAt: timestamp,
  recordedAt: timestamp,
  topic,
  partition,
  offset,
  traceId: undefined,
  value,
  repeats,
});

const statuses: Readonly<Record<string, string>> = {
  OrderPlaced: 'placed',
  OrderConfirmed: 'confirmed',
  OrderCancelled: 'cancelled',
  StockReserved: 'reserved',
  StockRejected: 'rejected',
  StockCommitted: 'committed',
  StockReleased: 'released',
  PaymentCaptured: 'captured',
  PaymentDeclined: 'declined',
  PaymentVoided: 'voided',
  PaymentRefunded: 'refunded',
};

type Facts = Pick<OrderView, 'stock' | 'payment' | 'sequences'> & {
  status: string | undefined;
  reason: string | undefined;
};

/** What the last event of each source says: told here once more, so that the fold is not compared with itself. */
function factsBy(events: readonly OrderEvent[]): Facts {
  const last = (source: Service) =>
    events
      .filter((event) => event.source === source)
      .toSorted((a, b) => a.sequence - b.sequence)
      .at(-1);
  const [order, stock, payment] = [last('orders'), last('inventory'), last('payments')];
  const neverHeld = stock?.type === 'StockRejected' && stock.data.reason === 'order_cancelled';
  return {
    status: order && statuses[order.type],
    reason: order?.type === 'OrderCancelled' ? order.data.reason : undefined,
    stock: (neverHeld ? 'none' : (statuses[stock?.type ?? ''] ?? 'pending')) as Facts['stock'],
    payment: (statuses[payment?.type ?? ''] ?? 'pending') as Facts['payment'],
    sequences: Object.fromEntries(services.map((name) => [name, last(name)?.sequence ?? 0])) as Facts['sequences'],
  };
}

const factsOf = ({ status, cancelReason, stock, payment, sequences }: OrderView): Facts => ({
  status,
  reason: cancelReason,
  stock,
  payment,
  sequences,
});

it('an order at any of 20 cuts is what its readers saw: the live view at a version vector, the topics at an instant', async () => {
  let orders = 0;
  let cuts = 0;
  let seen = 0;
  for (const plan of fc.sample(plans, { seed: SEED, numRuns: PLANS })) {
    const next = pseudoRandom(plan.interleaving + 1);
    // What a reader of orders' view sees, whenever it looks.
    const samples = new Map<string, OrderView[]>();
    const rows = new Map<string, OrderView>();
    const look = ({ views: { views } }: SimulatedSystem): void => {
      for (const [orderId, row] of views) {
        if (rows.get(orderId) === row) continue;
        rows.set(orderId, row);
        const { orderId: _, ...view } = row;
        samples.set(orderId, [...(samples.get(orderId) ?? []), view]);
      }
    };
    const system = await run({ ...plan, hasViews: true }, 'liveness', new RareCounts(), undefined, look);
    const partitions = await partitionsOf(system);
    const journal = journalOf(partitions, next);
    for (const [orderId, own] of samples) {
      const viewAt = async (point: { at: Date } | { heard: Heard }): Promise<OrderView> => {
        cuts++;
        return foldOf((await cutOf(journal, orderId, point)).told.map(({ event }) => event));
      };
      const before = cuts;
      for (const view of own) expect(await viewAt({ heard: view.sequences })).toEqual(view);
      seen += own.length;
      const logged = partitions.flat().filter(({ event }) => event.subject === orderId);
      const instants = new Set(
        logged.flatMap(({ record }) => [record.timestamp.getTime(), record.timestamp.getTime() - 1]),
      );
      for (const at of instants) {
        const until = logged.filter(({ record }) => record.timestamp.getTime() <= at).map(({ event }) => event);
        expect(factsOf(await viewAt({ at: new Date(at) }))).toEqual(factsBy(until));
      }
      const events = logged.map(({ event }) => event);
      const { sequences } = factsBy(events);
      while (cuts - before < CUTS) {
        const heard = Object.fromEntries(
          services.map((name) => [name, next(sequences[name] + 1)]),
        ) as Facts['sequences'];
        const until = events.filter(({ source, sequence }) => sequence <= heard[source]);
        expect(factsOf(await viewAt({ heard }))).toEqual(factsBy(until));
      }
      expect(factsOf(journal.heads.get(orderId)!.view)).toEqual(factsBy(events));
      orders++;
    }
  }
  process.stdout.write(`the past: ${orders} orders, ${cuts} cuts, ${seen} of them of the live view\n`);
  expect(orders).toBeGreaterThanOrEqual(1_000);
  expect(cuts).toBeGreaterThanOrEqual(orders * CUTS);
}, 120_000);
