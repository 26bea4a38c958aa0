import { isDeepStrictEqual } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseUrlOf } from '@orderflow/local';
import pg from 'pg';
import type { Shop } from '../../../ops/src/demo/shop.ts';
import { randomOrder } from '../load-orders.ts';
import type { SystemStart } from '@orderflow/local';
import type { Ear } from './ear.ts';

// Whoever hears of a confirmed order.
const HOLDERS = ['inventory', 'notifications', 'orders'];
const TIMEOUT_MS = 60_000;

const WHOLE_STORY = {
  orders: ['OrderPlaced', 'OrderConfirmed'],
  inventory: ['StockReserved', 'StockCommitted'],
  payments: ['PaymentCaptured'],
  notifications: ['NotificationSent'],
};

/** An order that is stuck behind a record that nobody can read, until that is taken away. */
export class Victim {
  private readonly orderId: string;
  private readonly shop: Shop;
  private readonly ear: Ear;
  private readonly clients: readonly pg.Client[];
  private readonly since = performance.now();

  private constructor(orderId: string, shop: Shop, ear: Ear, clients: readonly pg.Client[]) {
    this.orderId = orderId;
    this.shop = shop;
    this.ear = ear;
    this.clients = clients;
  }

  /** Returns once its confirmation waits behind the record, wherever it is heard. */
  static async park(
    serverUrl: string,
    { databasePrefix }: Pick<SystemStart, 'databasePrefix'>,
    shop: Shop,
    ear: Ear,
  ): Promise<Victim> {
    const { orderId } = await shop.place({ ...randomOrder('parked-cost-victim', false), paymentToken: 'tok_slow' });
    await until(async () => (await shop.chargesOf(orderId)).length === 1);
    await ear.poison(orderId);
    const clients = HOLDERS.map(
      (name) => new pg.Client({ connectionString: databaseUrlOf(serverUrl, databasePrefix + name) }),
    );
    for (const client of clients) await client.connect();
    const victim = new Victim(orderId, shop, ear, clients);
    await until(async () => Math.min(...(await victim.waiting())) >= 2);
    return victim;
  }

  /** @returns how long it was parked, ms @throws Error when it does not end as it should, in order */
  async letGo(): Promise<number> {
    const waiting = await this.waiting();
    if (Math.min(...waiting) < 2)
      throw new Error(`order ${this.orderId} was not parked all the while: ${waiting.join()}`);
    const parkedMs = performance.now() - this.since;
    for (const client of this.clients)
      await client.query(`DELETE FROM parked WHERE subject = $1 AND value = 'nothing'`, [this.orderId]);
    await this.shop.orderWhen(this.orderId, ({ status, settled }) => settled && status === 'confirmed', TIMEOUT_MS);
    const story = this.ear.storyOf(this.orderId);
    if (!isDeepStrictEqual(story, WHOLE_STORY))
      throw new Error(`order ${this.orderId} did not end in order: ${JSON.stringify(story)}`);
    for (const client of this.clients) await client.end();
    return parkedMs;
  }

  /** How many of its records are parked in each place. */
  private async waiting(): Promise<number[]> {
    return Promise.all(
      this.clients.map(async (client) => {
        const sql = 'SELECT count(*)::int AS records FROM parked WHERE subject = $1';
        return (await client.query<{ records: number }>(sql, [this.orderId])).rows[0]!.records;
      }),
    );
  }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + TIMEOUT_MS; !(await condition()); await sleep(50))
    if (Date.now() > deadline) throw new Error('the order is not parked within a minute');
}
