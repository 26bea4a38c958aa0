import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type OrderPage, orderTroubles } from '@orderflow/console-api';
import { LetterService } from '@orderflow/dead-letters/test/letter-service';
import { systemClock } from '@orderflow/durable';
import { httpEdge, type HttpEdge } from '@orderflow/testing/http';
import { LettersOfServices } from '../src/adapters/letters/letters-of-services.js';
import { ServiceRoutes } from '../src/adapters/letters/service-routes.js';
import { Clock } from '../src/domain/clock.js';
import { Journal } from '../src/domain/journal.js';
import { Letters } from '../src/domain/letters/letters.js';
import { ConsoleSettings } from '../src/http/console-settings.js';
import { OrdersController } from '../src/http/orders.controller.js';
import { Troubles } from '../src/http/troubles.js';
import { JournalSystem } from './journal-system.js';
import { aStory } from './stories.js';

const NOWHERE = 'http://127.0.0.1:1';
const DEADLINE_SECONDS = 10;
const system = new JournalSystem();
const payments = new LetterService();
let edge: HttpEdge;

beforeAll(async () => {
  const urls = { orders: NOWHERE, inventory: NOWHERE, payments: payments.url, notifications: NOWHERE };
  edge = await httpEdge('console', {
    controllers: [OrdersController],
    providers: [
      Troubles,
      { provide: Clock, useValue: systemClock },
      { provide: Journal, useValue: system.journal },
      { provide: Letters, useValue: new LettersOfServices(new ServiceRoutes(urls)) },
      { provide: ConsoleSettings, useValue: new ConsoleSettings(urls, undefined, false, undefined, DEADLINE_SECONDS) },
    ],
  });
  await system.consume();
});
afterAll(async () => edge.close());

const silent = ['orders', 'inventory', 'notifications'];

async function listed(query: string): Promise<string[]> {
  const { status, body } = await edge.request('GET', `/api/orders?${query}`);
  expect(status).toBe(200);
  return (body as unknown as OrderPage).items.map(({ orderId }) => orderId);
}

/** An order that has been placed and waits, of this id. */
async function order(subject: string): Promise<void> {
  const [placed] = aStory('confirmed');
  await system.publish({ ...placed!, subject });
  await system.caughtUp();
}

describe('orders in trouble', () => {
  let dead: string;
  let late: string;

  beforeAll(async () => system.beganAnHourAgo());

  // The letters are of the test alone, the orders of the file.
  beforeEach(async () => {
    dead = (await payments.deadQueue(-1, 5)).subject;
    late = aStory('confirmed')[0]!.subject;
    await order(dead);
    await order(late);
    await system.database.query(`UPDATE heads SET placed_at = now() - interval '1 minute' WHERE order_id = $1`, [late]);
  });

  it('are listed and counted by kind, with the services of which nothing is known', async () => {
    expect(await listed('trouble=parked')).toEqual([dead]);
    expect(await listed('trouble=dead')).toEqual([dead]);
    expect(await listed('trouble=overdue')).toEqual([late]);
    expect(await listed('trouble=any')).toEqual([dead, late]);
    expect(await listed('trouble=any&settled=true')).toEqual([]);
    const { body } = await edge.request('GET', '/api/orders/troubles');
    expect(orderTroubles.parse(body)).toEqual({ any: 2, overdue: 1, parked: 1, dead: 1, silent });
    await system.database.query('DELETE FROM heads WHERE order_id = ANY($1::text[])', [[dead, late]]);
  });

  it('are known of the past only where they were late', async () => {
    const at = new Date(Date.now() - 10_000).toISOString();
    expect(await listed(`trouble=overdue&at=${at}`)).toEqual([late]);
    for (const trouble of ['any', 'parked', 'dead'])
      expect((await edge.request('GET', `/api/orders?trouble=${trouble}&at=${at}`)).status).toBe(422);
    expect((await edge.request('GET', '/api/orders?trouble=true')).status).toBe(400);
    const { body } = await edge.request('GET', `/api/orders/troubles?at=${at}`);
    expect(orderTroubles.parse(body)).toEqual({ any: null, overdue: 1, parked: null, dead: null, silent: [] });
  });
});
