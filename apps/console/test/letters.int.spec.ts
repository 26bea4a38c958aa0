import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Letter,
  letterActions,
  type LetterAddress,
  letterDryRun,
  letterOutcome,
  type LetterOverview,
  letterOverview,
  openedLetter,
} from '@orderflow/console-api';
import { LetterService } from '@orderflow/dead-letters/test/letter-service';
import { httpEdge, type HttpEdge } from '@orderflow/testing/http';
import { LettersOfServices } from '../src/adapters/letters/letters-of-services.js';
import { ServiceRoutes } from '../src/adapters/letters/service-routes.js';
import { Letters } from '../src/domain/letters/letters.js';
import { LettersController } from '../src/http/letters/letters.controller.js';

const NOWHERE = 'http://127.0.0.1:1';
const payments = new LetterService();
let edge: HttpEdge;

// The other services do not answer.
beforeAll(async () => {
  const urls = { orders: NOWHERE, inventory: NOWHERE, payments: payments.url, notifications: NOWHERE };
  const useValue = new LettersOfServices(new ServiceRoutes(urls));
  edge = await httpEdge('console', { controllers: [LettersController], providers: [{ provide: Letters, useValue }] });
});
afterAll(async () => edge.close());

const own = { 'x-console': '1', 'x-operator': 'ada' };
const post = (path: string, body: object, headers: Record<string, string> = own) =>
  edge.request('POST', `/api/letters/${path}`, body, headers);

/** What a page shows of one order. */
async function lettersOf(subject: string): Promise<LetterOverview> {
  const { status, body } = await edge.request('GET', `/api/letters?orderId=${subject}`);
  expect(status).toBe(200);
  return letterOverview.parse(body);
}

const letterOf = async (subject: string): Promise<Letter> => (await lettersOf(subject)).groups[0]!.letters[0]!;

const address = ({ service, kind, id, state }: LetterAddress): LetterAddress => ({ service, kind, id, state });

describe('GET /api/letters', () => {
  it('groups what failed at each service, and says which service does not answer', async () => {
    const queue = await payments.deadQueue(-1, 5, 6);
    const other = await payments.deadQueue(-1);
    const key = await payments.deadCall();
    const range = await payments.expired();
    const { body } = await edge.request('GET', '/api/letters');
    const overview = letterOverview.parse(body);
    expect(overview.figures).toEqual({ dead: 3, waiting: 0, unread: 1, retrying: 0, behind: 2, needPerson: 4 });
    expect(overview.services).toEqual([
      { service: 'orders', refusal: 'orders does not answer.', more: false },
      { service: 'inventory', refusal: 'inventory does not answer.', more: false },
      { service: 'payments', refusal: null, more: false },
      { service: 'notifications', refusal: 'notifications does not answer.', more: false },
    ]);
    const shown = overview.groups.map(({ kind, cause, behind, letters }) => [
      kind,
      cause,
      behind,
      letters.map(({ id }) => id),
    ]);
    expect(shown).toEqual(
      expect.arrayContaining([
        ['event', 'BrokenRule: below zero', 2, [queue.ids[0], other.ids[0]]],
        ['call', '402: above the limit', 0, [key]],
        ['range', expect.stringContaining('6 records of orders.events/1 expired'), 0, [range]],
      ]),
    );
  });

  it('shows the letters of one order alone', async () => {
    const { subject, ids } = await payments.deadQueue(-1, 5);
    await payments.deadQueue(-1);
    expect((await lettersOf(subject)).groups).toMatchObject([{ letters: [{ id: ids[0], behind: 1 }] }]);
  });

  it.each([
    '?orderId=',
    '?colour=red',
    '/stock/event/1',
    '/payments/event/x',
    '/payments/event/0',
    '/payments/order/1',
  ])('refuses %s', async (path) => {
    expect((await edge.request('GET', `/api/letters${path}`)).status).toBe(400);
  });
});

describe('GET /api/letters/{service}/{kind}/{id}', () => {
  it('opens an event with its attempts and the events behind it, without an e-mail address or a confidential field', async () => {
    const { ids } = await payments.deadQueue(-1, 5);
    const { body } = await edge.request('GET', `/api/letters/payments/event/${ids[0]}`);
    expect(openedLetter.parse(body)).toMatchObject({
      state: 'dead',
      content: { of: 'event', isCut: false },
      headers: [{ name: 'ce_type', value: 'OrderPlaced' }],
      behindIt: [{ id: ids[1], state: 'blocked' }],
    });
    const text = JSON.stringify(body);
    expect(text).toContain('a***@example.com');
    expect(text).not.toContain('ada@example.com');
    const waiting = await edge.request('GET', `/api/letters/payments/event/${ids[1]}`);
    expect(waiting.body).toMatchObject({ state: 'blocked', waitsFor: 'nothing', headId: ids[0] });
  });

  it('shows a record that is no event as text, cut at 65,536 characters, with masked addresses and fields', async () => {
    const { ids } = await payments.deadQueue(-1);
    const markup = 'bytes <img src=x onerror=alert(1)>\u202e\u0000';
    const record = `${markup} ada@example.com {"paymentToken": "tok_visa"} ${'x'.repeat(70_000)}`;
    const headers = { ce_type: 'OrderPlaced', note: 'ada@example.com' };
    const encoded = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text).toString('base64')]);
    await payments.counters.database.query(`UPDATE parked SET value = $1, headers = $2::jsonb, reason = $3`, [
      Buffer.from(record),
      JSON.stringify(Object.fromEntries(encoded)),
      'y'.repeat(70_000),
    ]);
    const { body } = await edge.request('GET', `/api/letters/payments/event/${ids[0]}`);
    const { content, undecodable, headers: shown, reason } = openedLetter.parse(body);
    expect(content).toMatchObject({ of: 'bytes', bytes: Buffer.byteLength(record), isCut: true });
    expect(content!.text).toHaveLength(65_536);
    expect(content!.text).toContain(`${markup} a***@example.com {"paymentToken": "***"} xxx`);
    expect(undecodable).toBe('not_framed: it is not Avro');
    expect(shown).toContainEqual({ name: 'note', value: 'a***@example.com' });
    expect(reason).toHaveLength(400);
  });

  it('opens a call with its request masked, and a range; and knows no other', async () => {
    const key = await payments.deadCall();
    const range = await payments.expired();
    const call = await edge.request('GET', `/api/letters/payments/call/${key}`);
    expect(openedLetter.parse(call.body)).toMatchObject({
      choices: ['void'],
      failures: [{ reason: '402: above the limit' }],
    });
    expect(JSON.stringify(call.body)).not.toContain('a.b.c');
    expect((await edge.request('GET', `/api/letters/payments/range/${range}`)).body).toMatchObject({ state: 'unread' });
    expect((await edge.request('GET', `/api/letters/payments/range/${range}9`)).status).toBe(404);
    expect((await edge.request('GET', '/api/letters/payments/event/999999')).status).toBe(404);
    expect((await edge.request('GET', '/api/letters/orders/event/1')).status).toBe(503);
  });
});

describe('POST /api/letters/dry-run', () => {
  it('says what a retry would do, changes nothing, and counts a call as untried', async () => {
    const { subject, ids } = await payments.deadQueue(-1, 5);
    const letter = address(await letterOf(subject));
    const call = { service: 'payments', kind: 'call', id: await payments.deadCall(), state: 'dead' };
    const { status, body } = await post('dry-run', { letters: [letter, call] });
    expect(status).toBe(200);
    expect(letterDryRun.parse(body)).toMatchObject({
      asked: 2,
      fails: 1,
      handled: 0,
      untried: 1,
      items: [{ letter, outcome: 'fails', reason: 'BrokenRule: below zero' }],
    });
    expect(await letterOf(subject)).toMatchObject({ id: ids[0], state: 'dead' });
  });
});

describe('POST /api/letters/actions', () => {
  it('retries exactly the letters that were seen, in the name of the operator', async () => {
    const [one, two] = [await payments.deadQueue(-1, 5), await payments.deadQueue(-1)];
    const seen = [address(await letterOf(one.subject)), address(await letterOf(two.subject))];
    const later = await payments.deadQueue(-1);
    const { status, body } = await post('actions', { action: 'retry', letters: seen, expected: 2 });
    expect(status).toBe(200);
    expect(letterOutcome.parse(body)).toMatchObject({ asked: 2, done: 2, gone: 0, refused: 0, unknown: 0 });
    expect(await letterOf(one.subject)).toMatchObject({ state: 'retrying', behind: 1 });
    expect(await letterOf(later.subject)).toMatchObject({ state: 'dead' });
    const { body: log } = await edge.request('GET', '/api/letters/actions');
    expect(letterActions.parse(log)).toMatchObject({
      items: [
        { service: 'payments', action: 'retry', operator: 'ada' },
        { service: 'payments', action: 'retry', operator: 'ada' },
      ],
      refused: ['orders', 'inventory', 'notifications'],
    });
  });

  async function expectNothingDone(expected: number, found: number, isActedOn: boolean): Promise<void> {
    const [one, two] = [await payments.deadQueue(-1), await payments.deadQueue(-1)];
    const seen = [address(await letterOf(one.subject)), address(await letterOf(two.subject))];
    if (isActedOn) await post('actions', { action: 'retry', letters: [seen[0]], expected: 1 });
    const before = await letterOf(one.subject);
    const answer = await post('actions', { action: 'discard', reason: 'not ours', letters: seen, expected });
    expect(answer).toMatchObject({
      status: 409,
      body: { type: 'urn:orderflow:problem:selection-changed', expected, found, changed: isActedOn ? [seen[0]] : [] },
    });
    expect(await letterOf(one.subject)).toEqual(before);
    expect(await letterOf(two.subject)).toMatchObject({ state: 'dead' });
  }

  // proves: console: an action on letters that have changed is refused
  it('does nothing where one of two has been retried meanwhile, and says both figures', () =>
    expectNothingDone(2, 1, true));

  it.each([3, 1])('does nothing where two are counted as %i, and says both figures', (expected) =>
    expectNothingDone(expected, 2, false),
  );

  it('discards with a reason, which is kept, and the events behind follow', async () => {
    const { subject, ids } = await payments.deadQueue(-1, 5);
    const letters = [address(await letterOf(subject))];
    const answer = await post('actions', { action: 'discard', reason: 'not ours', letters, expected: 1 });
    expect(answer).toMatchObject({ status: 200, body: { done: 1 } });
    expect(await letterOf(subject)).toMatchObject({ id: ids[1], state: 'retrying' });
    expect((await edge.request('GET', `/api/letters/payments/event/${ids[0]}`)).body).toMatchObject({
      state: 'discarded',
      actions: [{ action: 'discard', operator: 'ada', reason: 'not ours' }],
    });
  });

  it('settles a call, retries another, and acknowledges a range', async () => {
    const at = (kind: string, id: string, state = 'dead') => ({ service: 'payments', kind, id, state });
    const [voided, again] = [await payments.deadCall(), await payments.deadCall()];
    const range = at('range', await payments.expired(), 'unread');
    const settle = {
      action: 'settle',
      as: 'void',
      reason: 'looked into it',
      letters: [at('call', voided)],
      expected: 1,
    };
    expect((await post('actions', settle)).body).toMatchObject({ done: 1 });
    const retry = { action: 'retry', letters: [at('call', again)], expected: 1 };
    expect((await post('actions', retry)).body).toMatchObject({ done: 1 });
    const noted = { action: 'acknowledge', reason: 'replayed', letters: [range], expected: 1 };
    expect((await post('actions', noted)).body).toMatchObject({ done: 1 });
    const { body } = await edge.request('GET', '/api/letters/actions');
    expect(
      letterActions
        .parse(body)
        .items.map(({ kind, action }) => `${kind} ${action}`)
        .toSorted(),
    ).toEqual(['call retry', 'call void', 'range acknowledge']);
  });

  it('says of each letter what became of it where its service refuses', async () => {
    const letters = [{ service: 'payments', kind: 'call', id: await payments.deadCall(), state: 'dead' }];
    const answer = await post('actions', { action: 'settle', as: 'shipped', reason: 'why', letters, expected: 1 });
    expect(letterOutcome.parse(answer.body)).toMatchObject({
      asked: 1,
      refused: 1,
      items: [{ outcome: 'refused', detail: expect.stringContaining('can be settled as: void') }],
    });
  });

  it('does nothing where a service does not answer', async () => {
    const letters = [{ service: 'orders', kind: 'event', id: '1', state: 'dead' }];
    expect(await post('actions', { action: 'retry', letters, expected: 1 })).toMatchObject({ status: 503 });
  });

  it('is refused without the header of the pages', async () => {
    const { subject } = await payments.deadQueue(-1);
    const letters = [address(await letterOf(subject))];
    const body = { action: 'discard', reason: 'why', letters, expected: 1 };
    expect((await post('actions', body, {})).status).toBe(403);
    expect((await post('actions', body, { ...own, origin: 'http://elsewhere.example' })).status).toBe(403);
    expect((await post('dry-run', { letters }, {})).status).toBe(403);
    expect(await letterOf(subject)).toMatchObject({ state: 'dead' });
  });

  const one = { service: 'payments', kind: 'event', id: '1', state: 'dead' };
  it.each<[number, string, object]>([
    [400, 'no letter', { action: 'retry', letters: [], expected: 0 }],
    [400, 'no figure', { action: 'retry', letters: [one] }],
    [400, 'no reason', { action: 'discard', letters: [one], expected: 1 }],
    [400, 'another action', { action: 'eat', letters: [one], expected: 1 }],
    [400, 'an id that is none', { action: 'retry', letters: [{ ...one, id: '1 OR 1=1' }], expected: 1 }],
    [400, '501 letters', { action: 'retry', letters: Array(501).fill(one), expected: 501 }],
    [422, 'an event to settle', { action: 'settle', as: 'void', reason: 'why', letters: [one], expected: 1 }],
    [422, 'one letter twice', { action: 'retry', letters: [one, one], expected: 2 }],
  ])('answers %i to %s', async (status, _, body) => {
    expect((await post('actions', body)).status).toBe(status);
  });
});
