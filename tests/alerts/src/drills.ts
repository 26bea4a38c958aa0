import { randomUUID } from 'node:crypto';
import { demand, EventTap, type Faults, SystemClient } from '@orderflow/client';
import { databaseUrlOf, type Infrastructure, type System } from '@orderflow/local';
import pg from 'pg';
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
  const client = new pg.Client({ connectionString: databaseUrlOf(infrastructure.databaseUrl, database) });
  // Without a listener a connection that breaks between two statements would end this process.
  client.on('error', () => undefined);
  await client.connect();
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
  const client = new pg.Client({ connectionString: databaseUrlOf(infrastructure.databaseUrl, 'payments') });
  await client.connect();
  await client.query(
    `UPDATE consumed_offsets SET next_offset = 0 WHERE consumer = 'payments' AND topic = 'orders.events' AND partition = $1`,
    [partition],
  );
  await client.end();
  await payments.start();
  // The counter begins anew.
  return async () => {
    await payments.kill('SIGTERM');
    await payments.start();
  };
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
    mends: 'payments is restarted',
    seconds: 40,
    cause: expireOldest,
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
