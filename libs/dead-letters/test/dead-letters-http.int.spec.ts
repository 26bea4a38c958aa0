import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Database } from '@orderflow/durable';
import { DeadLettersController } from '../src/dead-letters.controller.js';
import { DeadLetters } from '../src/dead-letters.js';
import { eventOf, type Instance } from '@orderflow/durable/test/counters';
import { CountersDatabase } from '@orderflow/durable/test/counters-database';
import { httpEdge, type HttpEdge } from '@orderflow/testing/http';
import { bytesOf, operatorAt, recordOf } from './parked-events.js';

const counters = new CountersDatabase();
let database: Database;
let one: Instance;
let edge: HttpEdge;
let subject: string;
let ids: string[];

beforeAll(async () => {
  ({ database } = counters);
  one = counters.instance();
  const { deadLetters } = operatorAt(counters.url, database, one);
  const provider = { provide: DeadLetters, useValue: deadLetters };
  edge = await httpEdge('payments', { controllers: [DeadLettersController], providers: [provider] });
  counters.beforeDrop(() => edge.close());
});

/** A dead letter, and an event parked behind it. */
beforeEach(async () => {
  await database.query('TRUNCATE parked, operator_actions');
  subject = randomUUID();
  for (const by of [-1, 5]) {
    const command = { subject, by };
    await one.handler.handle([eventOf(command, { record: recordOf(command) })]);
  }
  await database.query(
    `UPDATE parked SET dead_at = now(), attempts = 10 WHERE id = (SELECT min(id) FROM parked WHERE subject = $1)`,
    [subject],
  );
  const rows = await database.query<{ id: string }>('SELECT id::text FROM parked ORDER BY parked.id');
  ids = rows.map(({ id }) => id);
});

interface RequestOptions {
  readonly body?: object | undefined;
  readonly operator?: string;
}

const send = <Body = Record<string, unknown>>(
  method: 'GET' | 'POST',
  path: string,
  { body, operator }: RequestOptions = {},
) => edge.request<Body>(method, `/dead-letters${path}`, body, operator === undefined ? {} : { 'x-operator': operator });

describe('GET /dead-letters', () => {
  it('lists parked events in pages', async () => {
    const first = await send<{ items: object[]; next: string }>('GET', `?orderId=${subject}&limit=1`);
    expect(first).toMatchObject({
      status: 200,
      body: {
        items: [
          {
            id: ids[0],
            state: 'dead',
            consumer: 'counters',
            orderId: subject,
            type: 'OrderPlaced',
            topic: 'orders.events',
            reason: 'BrokenRule: below zero',
            attempts: 10,
            nextAttemptAt: null,
          },
        ],
        next: ids[0],
      },
    });
    const second = await send('GET', `?orderId=${subject}&limit=1&after=${first.body.next}`);
    expect(second.body).toMatchObject({ items: [{ id: ids[1], state: 'waiting', deadAt: null }], next: null });
  });

  it('finds those of an order by its id in capitals too', async () => {
    const { body } = await send('GET', `?orderId=${subject.toUpperCase()}`);
    expect(body).toMatchObject({ items: [{ id: ids[0] }, { id: ids[1] }] });
  });

  it.each([
    'state=sleeping',
    'after=x',
    'after=9999999999999999999',
    'limit=0',
    'olderThanSeconds=-1',
    'olderThanSeconds=1e3',
    'youngerThanSeconds=',
    'colour=red',
    'orderId=',
    'reason=a%00b',
    `type=${'x'.repeat(257)}`,
  ])('refuses ?%s', async (query) => {
    expect((await send('GET', `?${query}`)).status).toBe(400);
  });
});

describe('GET /dead-letters/{id}', () => {
  // proves: dead letters: confidential fields are masked
  it('returns the raw record, its event without confidential fields, and the events behind it', async () => {
    const { body } = await send<Record<string, never>>('GET', `/${ids[0]}`);
    expect(body).toMatchObject({
      headers: { ce_type: 'OrderPlaced' },
      key: Buffer.from(subject).toString('base64'),
      value: bytesOf({ subject, by: -1 }).toString('base64'),
      event: { specversion: '1.0', type: 'OrderPlaced', data: { customerId: 'c-1', paymentToken: '***' } },
      undecodable: null,
      failures: [{ reason: 'BrokenRule: below zero' }],
      waitsFor: null,
      behind: { count: 1, items: [{ id: ids[1] }] },
      actions: [],
    });
  });

  it.each(['999999999', '0', 'x', '1.5', '99999999999999999999'])('has no parked event %s', async (id) => {
    expect((await send('GET', `/${id}`)).status).toBe(/^[1-9]\d{0,17}$/.test(id) ? 404 : 400);
  });
});

describe('POST /dead-letters/{id}/retry', () => {
  it('makes the event due and records the operator of the header X-Operator', async () => {
    const answer = await send('POST', `/${ids[0]}/retry`, { operator: 'Ada L.' });
    expect(answer).toMatchObject({ status: 202, body: { id: ids[0], state: 'retrying', deadAt: null } });
    await send('POST', `/${ids[0]}/retry`, { body: {} });
    const { body } = await send('GET', '/actions');
    expect(body).toMatchObject({
      items: [
        { parkedId: ids[0], action: 'retry', operator: 'unknown' },
        { parkedId: ids[0], operator: 'Ada L.' },
      ],
      next: null,
    });
  });

  it('as a dry run returns the outcome and changes nothing', async () => {
    const answer = await send('POST', `/${ids[0]}/retry`, { body: { dryRun: true } });
    expect(answer).toMatchObject({ status: 200, body: { id: ids[0], outcome: 'fails', behind: [] } });
    expect((await send('GET', `/${ids[0]}`)).body).toMatchObject({ state: 'dead', actions: [] });
  });

  it('is refused for an event that is not the first of its queue, and names the first', async () => {
    expect(await send('POST', `/${ids[1]}/retry`)).toMatchObject({
      status: 409,
      body: { type: 'urn:orderflow:problem:not-first-in-queue', head: ids[0] },
    });
  });

  it.each<[number, string, RequestOptions]>([
    [404, '999999999', {}],
    [400, 'x', {}],
    [400, 'head', { body: { dryrun: true } }],
    [400, 'head', { body: { dryRun: 'yes' } }],
    [400, 'head', { operator: 'x'.repeat(65) }],
    [400, 'head', { operator: 'schlüssel' }],
    [400, 'head', { operator: '' }],
  ])('answers %i to %s with %j', async (status, id, options) => {
    expect((await send('POST', `/${id === 'head' ? ids[0] : id}/retry`, options)).status).toBe(status);
    expect((await send('GET', `/${ids[0]}`)).body).toMatchObject({ state: 'dead' });
  });
});

describe('POST /dead-letters/{id}/discard', () => {
  it('removes the event and keeps the reason', async () => {
    const answer = await send('POST', `/${ids[0]}/discard`, { operator: 'ada', body: { reason: 'made by hand' } });
    expect(answer).toMatchObject({ status: 200, body: { id: ids[0], state: 'discarded' } });
    expect((await send('GET', '')).body).toMatchObject({ items: [{ id: ids[1], state: 'retrying' }] });
    expect((await send('GET', '?state=discarded')).body).toMatchObject({ items: [{ id: ids[0] }] });
    expect((await send('GET', `/${ids[0]}`)).body).toMatchObject({
      state: 'discarded',
      value: bytesOf({ subject, by: -1 }).toString('base64'),
      behind: { count: 0, items: [] },
      actions: [{ action: 'discard', operator: 'ada', reason: 'made by hand' }],
    });
    expect((await send('POST', `/${ids[0]}/discard`, { body: { reason: 'again' } })).status).toBe(404);
    expect((await send('POST', `/${ids[0]}/retry`)).status).toBe(404);
  });

  it.each<[object | undefined]>([
    [undefined],
    [{}],
    [{ reason: '' }],
    [{ reason: '  ' }],
    [{ reason: 'a\u0000b' }],
    [{ reason: 'x'.repeat(501) }],
    [{ reason: 'why', force: true }],
  ])('is refused without a valid reason: %j', async (body) => {
    expect((await send('POST', `/${ids[0]}/discard`, { body })).status).toBe(400);
    expect((await send('GET', `/${ids[0]}`)).body).toMatchObject({ state: 'dead' });
  });
});

describe('POST /dead-letters/discard', () => {
  it('discards the dead letters that match, keeps the reason, and lets the events behind them follow', async () => {
    const body = { filter: { orderId: subject }, reason: 'a test of another team' };
    expect((await send('POST', '/discard', { body: { ...body, dryRun: true } })).body).toMatchObject({
      dryRun: true,
      items: [{ id: ids[0], state: 'dead' }],
      more: false,
    });
    expect((await send('GET', '?state=dead')).body).toMatchObject({ items: [{ id: ids[0] }] });

    const answer = await send('POST', '/discard', { operator: 'ada', body });
    expect(answer).toMatchObject({
      status: 200,
      body: { dryRun: false, items: [{ id: ids[0], state: 'discarded' }], more: false },
    });
    expect((await send('GET', '')).body).toMatchObject({
      items: [{ id: ids[1], state: 'retrying', nextAttemptAt: expect.stringMatching(/Z$/) }],
    });
    expect((await send('GET', '/actions')).body).toMatchObject({
      items: [{ parkedId: ids[0], action: 'discard', operator: 'ada', reason: 'a test of another team' }],
    });
    expect((await send('POST', '/discard', { body })).body).toMatchObject({ items: [] });
  });

  it.each<[object | undefined]>([
    [undefined],
    [{ filter: {} }],
    [{ reason: 'why' }],
    [{ filter: { state: 'discarded' }, reason: 'why' }],
    [{ filter: {}, reason: ' ' }],
    [{ filter: {}, reason: 'why', limit: 0 }],
  ])('refuses %j', async (body) => {
    expect((await send('POST', '/discard', { body })).status).toBe(400);
    expect((await send('GET', `/${ids[0]}`)).body).toMatchObject({ state: 'dead' });
  });
});

describe('POST /dead-letters/retry', () => {
  it('retries all dead letters that match the filter', async () => {
    const none = await send('POST', '/retry', { body: { filter: { type: 'OrderEaten' } } });
    expect(none).toMatchObject({ status: 202 });
    expect(none.body).toEqual({ dryRun: false, items: [], more: false });
    const answer = await send('POST', '/retry', { operator: 'ada', body: { filter: {}, ratePerSecond: 0.5 } });
    expect(answer).toMatchObject({ status: 202, body: { dryRun: false, items: [{ id: ids[0], state: 'retrying' }] } });
  });

  it('retries of those that match only the ones that are named', async () => {
    const retry = async (filter: object) => (await send('POST', '/retry', { body: { filter } })).body;
    expect(await retry({ ids: [String(BigInt(ids[1]!) + 1n)] })).toMatchObject({ items: [] });
    expect(await retry({ ids, state: 'retrying' })).toMatchObject({ items: [] });
    expect(await retry({ ids })).toMatchObject({ items: [{ id: ids[0], state: 'retrying' }] });
  });

  it('as a dry run returns the outcome and changes nothing', async () => {
    const answer = await send('POST', '/retry', { body: { filter: { orderId: subject }, dryRun: true } });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        dryRun: true,
        items: [{ id: ids[0], orderId: subject, outcome: 'fails', publishes: [], behind: [] }],
        more: false,
      },
    });
    expect((await send('GET', '?state=dead')).body).toMatchObject({ items: [{ id: ids[0] }] });
  });

  it.each<[object | undefined]>([
    [undefined],
    [{}],
    [{ filter: { state: 'waiting' } }],
    [{ filter: { colour: 'red' } }],
    [{ filter: { ids: [] } }],
    [{ filter: { ids: ['0'] } }],
    [{ filter: {}, ratePerSecond: 0 }],
    [{ filter: {}, ratePerSecond: 101 }],
    [{ filter: {}, limit: 501 }],
    [{ filter: {}, limit: 1.5 }],
    [{ filter: { olderThanSeconds: '1' } }],
    [{ filter: {}, dryrun: true }],
  ])('refuses %j', async (body) => {
    expect((await send('POST', '/retry', { body })).status).toBe(400);
    expect((await send('GET', `/${ids[0]}`)).body).toMatchObject({ state: 'dead' });
  });
});

it('is documented as OpenAPI', async () => {
  const { body: document } = await edge.request<{
    paths: Record<string, Record<string, { parameters?: { name: string }[]; responses: object }>>;
  }>('GET', '/docs-json');
  expect(Object.keys(document.paths)).toEqual([
    '/dead-letters',
    '/dead-letters/actions',
    '/dead-letters/{id}',
    '/dead-letters/retry',
    '/dead-letters/{id}/retry',
    '/dead-letters/discard',
    '/dead-letters/{id}/discard',
  ]);
  const { parameters, responses } = document.paths['/dead-letters/{id}/retry']!['post']!;
  expect(parameters!.map(({ name }) => name)).toEqual(expect.arrayContaining(['id', 'X-Operator']));
  expect(Object.keys(responses)).toEqual(expect.arrayContaining(['200', '202', '404', '409']));
});
