import { randomUUID } from 'node:crypto';
import { demand, EventTap, everyItem, type Faults, inParallel, SystemClient } from '@orderflow/client';
import { connected, databaseUrlOf, type Infrastructure, type System } from '@orderflow/local';
import { openClient } from '@orderflow/postgres';
import { deleteOldest } from '../../../libs/kafka/test/topic-config.ts';

/** The system that a drill disturbs. Databases and topics have no prefix. */
export interface Stage {
  infrastructure: Infrastructure;
  system: System;
}

/** Undoes the condition, as the runbook describes. */
type Mend = () => unknown;

export interface Drill {
  alert: string;
  /** Labels that the alert must have: it is to fire for this cause. */
  labels: Record<string, string>;
  causes: string;
  mends: string;
  /** Approximate time until it fires; the drill waits twice as long. */
  seconds: number;
  cause: (stage: Stage) => Promise<Mend>;
}

/** Connections of the process stay open without an answer, as with a machine that hangs. */
async function freeze(pid: number | undefined): Promise<Mend> {
  if (pid === undefined) throw new Error('there is no process to freeze');
  process.kill(pid, 'SIGSTOP');
  return Promise.resolve(() => process.kill(pid, 'SIGCONT'));
}

async function setFaults({ system }: Stage, faults: Faults): Promise<Mend> {
  const client = new SystemClient(system.urls);
  await client.setFaults(faults);
  return async () => client.setFaults({ payments: {}, mail: {} });
}

/** An idle session holds the table, as a forgotten psql would. */
async function lockTable({ infrastructure }: Stage, database: string, table: string): Promise<Mend> {
  const url = databaseUrlOf(infrastructure.databaseUrl, database);
  const client = await openClient({ url, name: 'game day', connectTimeoutMs: 10_000 });
  await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  return async () => client.end();
}

/** Its key is no order, so it blocks none; only the group orders.views consumes this topic. */
async function poisonView({ infrastructure, system }: Stage): Promise<Mend> {
  const tap = await EventTap.open({ ...infrastructure, topicPrefix: '' });
  const id = randomUUID();
  const headers = { ce_id: id, ce_type: 'NotificationSent' };
  await tap.publish([{ topic: tap.topicOf('notifications'), key: id, value: Buffer.from('not { Avro'), headers }]);
  await tap.close();
  return async () => new SystemClient(system.urls).discardHeads(['orders'], id, 'of no order', 'game-day');
}

const REFUSED = 'game-day-refused';

/** One order that costs more than the provider takes at once. */
async function chargeAboveLimit({ system }: Stage): Promise<Mend> {
  const client = new SystemClient(system.urls);
  await client.stockUp({ sku: REFUSED, name: 'Dear', priceMinor: 1_000_000, currency: 'EUR' }, 1);
  await client.setFaults({ payments: { maxAmount: 999_999 } });
  const orderId = await client.place({ lines: [{ sku: REFUSED, quantity: 1 }] });
  return async () => {
    await client.setFaults({ payments: {} });
    const json = { as: 'void', reason: 'above the limit' };
    const headers = { 'x-operator': 'game-day' };
    await demand(`${system.urls.payments}/dead-letters/calls/charge-${orderId}/settle`, { json, headers });
  };
}

/**
 * The group of payments finds records gone that it has not consumed. In truth it has: the oldest record of a partition is
 * deleted, and the database says that payments has not begun with that partition.
 */
async function expireOldest({ infrastructure, system }: Stage): Promise<Mend> {
  const payments = system.service('payments');
  await payments.kill('SIGKILL');
  const partition = await deleteOldest(infrastructure.kafkaBrokers.split(','), 'orders.events');
  await connected(databaseUrlOf(infrastructure.databaseUrl, 'payments'), async (client) =>
    client.query(
      `UPDATE consumed_offsets SET next_offset = 0 WHERE consumer = 'payments' AND topic = 'orders.events' AND partition = $1`,
      [partition],
    ),
  );
  await payments.start();
  return async () => {
    const url = `${system.urls.payments}/dead-letters/expired`;
    const headers = { 'x-operator': 'game-day' };
    for (const { id } of await everyItem<{ id: string }>(`${url}?acknowledged=false`))
      await demand(`${url}/${id}/acknowledge`, { json: { reason: 'it was consumed before' }, headers });
  };
}

/**
 * Payments finds that the broker has lost records of its topic. In truth it has not: the database says that more was published.
 */
async function losePublished({ infrastructure, system }: Stage): Promise<Mend> {
  const payments = system.service('payments');
  const url = databaseUrlOf(infrastructure.databaseUrl, 'payments');
  const restarted = async (statement: string) => {
    await payments.kill('SIGTERM');
    await connected(url, async (client) => client.query(statement));
    await payments.start();
  };
  await restarted(
    `INSERT INTO published_offsets (topic, partition, next_offset) VALUES ('payments.events', 0, 1000000)
     ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset`,
  );
  return async () => restarted('DELETE FROM published_offsets');
}

// As many as INTAKE_PENDING_ORDERS, and some that may be refused.
const PENDING_ORDERS = 1_100;
const PLACED_AT_ONCE = 50;

/** More orders wait for inventory, which hangs, than are decided in time. */
async function pileUp({ system }: Stage): Promise<Mend> {
  const client = new SystemClient(system.urls);
  const sku = 'game-day-piled-up';
  await client.stockUp({ sku, name: 'Piled up', priceMinor: 100, currency: 'EUR' }, PENDING_ORDERS);
  const mend = await freeze(system.service('inventory').pid);
  await inParallel(PENDING_ORDERS, PLACED_AT_ONCE, async () => {
    await client.tryToPlace({ lines: [{ sku, quantity: 1 }] });
  });
  return mend;
}

/** The quickest come first. */
export const drills: readonly Drill[] = [
  {
    alert: 'ProcessNotLive',
    labels: { job: 'payments' },
    causes: 'payments is killed (SIGKILL)',
    mends: 'payments is started again',
    seconds: 30,
    cause: async ({ system }) => {
      await system.service('payments').kill('SIGKILL');
      return async () => system.service('payments').start();
    },
  },
  {
    alert: 'RecordsExpired',
    labels: { group: 'payments' },
    causes: 'the oldest record of a topic is gone before payments has consumed it, as far as payments knows',
    mends: 'an operator acknowledges it',
    seconds: 40,
    cause: expireOldest,
  },
  {
    alert: 'RecordsLost',
    labels: { job: 'payments', topic: 'payments.events' },
    causes: 'a topic holds less than payments has published, as far as payments knows',
    mends: 'payments forgets what it has published and is restarted',
    seconds: 40,
    cause: losePublished,
  },
  {
    alert: 'NotReady',
    labels: { job: 'payments', check: 'consumers' },
    causes: 'the broker hangs (SIGSTOP)',
    mends: 'the broker goes on (SIGCONT)',
    seconds: 50,
    cause: async ({ infrastructure }) => freeze(infrastructure.pids.kafka),
  },
  {
    alert: 'DeadCalls',
    labels: { job: 'payments', kind: 'charge' },
    causes: 'an order costs more than the provider takes at once (PUT /faults); eight refusals take half a minute',
    mends: 'it is settled as void, as the runbook says',
    seconds: 60,
    cause: chargeAboveLimit,
  },
  {
    alert: 'PaymentProviderFailing',
    labels: { job: 'payments' },
    causes: 'the payment provider is out (PUT /faults)',
    mends: 'the payment provider is back',
    seconds: 60,
    cause: async (stage) => setFaults(stage, { payments: { outage: true } }),
  },
  {
    alert: 'MailFailing',
    labels: { job: 'notifications' },
    causes: 'the mail server is out (PUT /faults)',
    mends: 'the mail server is back',
    seconds: 60,
    cause: async (stage) => setFaults(stage, { mail: { outage: true } }),
  },
  {
    alert: 'MailNeedsOperator',
    labels: { job: 'notifications' },
    causes: 'the mail server says 554 5.7.1 to every recipient (PUT /faults)',
    mends: 'the mail server accepts them; ten minutes later the refusals are out of the window',
    seconds: 60,
    cause: async (stage) => setFaults(stage, { mail: { reply: '554 5.7.1 client host blocked' } }),
  },
  {
    alert: 'OutboxOld',
    labels: { job: 'orders' },
    causes: 'the broker hangs (SIGSTOP)',
    mends: 'the broker goes on (SIGCONT)',
    seconds: 70,
    cause: async ({ infrastructure }) => freeze(infrastructure.pids.kafka),
  },
  {
    alert: 'OrdersRefused',
    labels: { job: 'orders' },
    causes: 'inventory hangs (SIGSTOP), and 1,100 orders wait for it',
    mends: 'inventory goes on (SIGCONT)',
    seconds: 70,
    cause: pileUp,
  },
  {
    alert: 'ConsumerLagGrowing',
    labels: { group: 'payments' },
    causes: 'a session holds the table payments (LOCK TABLE)',
    mends: 'that session is ended',
    seconds: 100,
    cause: async (stage) => lockTable(stage, 'payments', 'payments'),
  },
  {
    alert: 'SagaStuck',
    labels: { job: 'orders' },
    causes: 'inventory hangs (SIGSTOP), so that orders get no further',
    mends: 'inventory goes on (SIGCONT)',
    seconds: 115,
    cause: async ({ system }) => freeze(system.service('inventory').pid),
  },
  {
    alert: 'DeadLetters',
    labels: { group: 'orders.views' },
    causes: 'a record that cannot be decoded; its ten attempts take two to three minutes',
    mends: 'it is discarded, as the runbook says',
    seconds: 150,
    cause: poisonView,
  },
];
