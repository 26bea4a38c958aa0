import 'reflect-metadata';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { CountersDatabase } from '@orderflow/durable/test/counters-database';
import { quietLog } from '@orderflow/durable/test/counters';
import { httpEdge, type HttpEdge } from '@orderflow/testing/http';
import { ExpiredController } from '../src/expired/expired.controller.js';
import { ExpiredRanges } from '../src/expired/expired-ranges.js';

const counters = new CountersDatabase('test');
let edge: HttpEdge;
let ids: string[];

/** Two ranges of one group. */
beforeEach(async () => {
  const { database } = counters;
  const useValue = new ExpiredRanges({ database, log: quietLog });
  edge = await httpEdge('payments', {
    controllers: [ExpiredController],
    providers: [{ provide: ExpiredRanges, useValue }],
  });
  counters.beforeDrop(() => edge.close());
  const rows = await database.query<{ id: string }>(
    `INSERT INTO expired_ranges (consumer, topic, partition, first_offset, next_offset)
     VALUES ('counters', 'orders.events', 1, 4, 10), ('counters', 'orders.events', 2, 9007199254740993, 9007199254740994)
     RETURNING id::text`,
  );
  ids = rows.map(({ id }) => id);
});

const list = (query = '') => edge.request<{ items: object[] }>('GET', `/dead-letters/expired${query}`);
const acknowledge = (id: string, body: object = { reason: 'replayed by hand' }) =>
  edge.request('POST', `/dead-letters/expired/${id}/acknowledge`, body, { 'x-operator': 'ada' });

describe('GET /dead-letters/expired', () => {
  it('lists the ranges of records that expired unread, with their offsets in full', async () => {
    const open = { consumer: 'counters', topic: 'orders.events', acknowledgedAt: null, operator: null, reason: null };
    expect((await list()).body.items).toMatchObject([
      { ...open, id: ids[0], partition: 1, first: '4', next: '10', records: 6 },
      { ...open, id: ids[1], partition: 2, first: '9007199254740993', next: '9007199254740994', records: 1 },
    ]);
  });

  it('selects those that an operator has acknowledged, or the others', async () => {
    await acknowledge(ids[0]!);
    expect((await list('?acknowledged=false')).body.items).toMatchObject([{ id: ids[1] }]);
    expect((await list('?acknowledged=true')).body.items).toMatchObject([
      { id: ids[0], operator: 'ada', reason: 'replayed by hand', acknowledgedAt: expect.any(String) },
    ]);
  });

  it.each(['acknowledged=yes', 'after=x', 'limit=0', 'colour=red'])('refuses ?%s', async (query) => {
    expect((await list(`?${query}`)).status).toBe(400);
  });
});

describe('POST /dead-letters/expired/{id}/acknowledge', () => {
  it('notes operator and reason, once', async () => {
    expect(await acknowledge(ids[0]!)).toMatchObject({ status: 200, body: { id: ids[0], operator: 'ada' } });
    expect(await acknowledge(ids[0]!, { reason: 'another' })).toMatchObject({
      status: 409,
      body: { type: 'urn:orderflow:problem:already-acknowledged' },
    });
    expect((await list('?acknowledged=true')).body.items).toMatchObject([{ reason: 'replayed by hand' }]);
  });

  it('knows no other range, and no acknowledgement without a reason', async () => {
    expect(await acknowledge('999999')).toMatchObject({ status: 404 });
    expect(await acknowledge(ids[0]!, {})).toMatchObject({ status: 400 });
    expect((await list('?acknowledged=true')).body.items).toEqual([]);
  });
});
