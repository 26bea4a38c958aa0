import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  bounds,
  type Event,
  eventSchemas,
  type EventType,
  mostUnitsOfSku,
  type Service,
  services,
} from '@orderflow/contracts';
import { anEvent, eventData } from '@orderflow/testing';
import { MemoryRegistry } from '../../test/memory-registry.js';
import { allTypes, recordOf } from '../../test/samples.js';
import type { RawRecord } from '../broker.js';
import { BadRecord, isTransient, TransientError } from '../errors.js';
import { avroType } from './avro.js';
import { envelopeSchema } from './envelope-schema.js';
import { EventCodec } from './event-codec.js';
import { writeFrame } from './framing.js';

const registry = new MemoryRegistry();
const codecs = new Map<Service, EventCodec>();

beforeAll(async () => {
  for (const service of services)
    codecs.set(service, await EventCodec.start({ registry, service, autoRegister: true }));
});

const codecOf = (service: Service): EventCodec => codecs.get(service) as EventCodec;
const encode = (event: Event): Buffer => codecOf(event.source).encode(event);
const decode = (record: RawRecord): Promise<Event> => Promise.resolve().then(() => codecOf('orders').decode(record));
const reasonOf = async (record: RawRecord): Promise<unknown> =>
  decode(record).then(
    () => 'decoded',
    (error: unknown) => (error instanceof BadRecord ? error.reason : error),
  );

/** Bytes as another producer might write them: our schema without our checks. */
function written(event: Event, schema: object = envelopeSchema(event.type)): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(5), avroType(schema).toBuffer(event)]);
  writeFrame(bytes, registry.add(schema));
  return bytes;
}

describe('an event on the wire', () => {
  it.each(allTypes)('%s comes back as it was', async (type) => {
    const event = anEvent(type);
    expect(JSON.parse(JSON.stringify(await decode(recordOf(event, encode(event)))))).toEqual(event);
  });

  it('comes back with its ids in lower case, as PostgreSQL returns them, and with a SKU as it was', async () => {
    const event = anEvent('PaymentCaptured');
    const inCapitals = { ...event, id: event.id.toUpperCase(), subject: event.subject.toUpperCase() };
    expect(await decode(recordOf(inCapitals, encode(inCapitals)))).toMatchObject({
      id: event.id,
      subject: event.subject,
    });
    const product = anEvent('ProductChanged', { subject: 'Tea' });
    expect(await decode(recordOf(product, encode(product)))).toMatchObject({ subject: 'Tea' });
  });

  it('is framed with 0x00 and the id of its schema', () => {
    const bytes = encode(anEvent('OrderPlaced'));
    expect([bytes[0], bytes.readInt32BE(1)]).toEqual([0, registry.add(envelopeSchema('OrderPlaced'))]);
  });

  it('is read without the headers that earlier versions did not write', async () => {
    const event = anEvent('OrderPlaced');
    const headers = { ce_id: Buffer.from(event.id), ce_type: Buffer.from(event.type) };
    expect(await decode(recordOf(event, encode(event), { headers }))).toMatchObject({ id: event.id });
  });

  it('is encoded into bytes of its own, also when it is larger than any event before', () => {
    const lines = Array.from({ length: bounds.lines }, () => ({ sku: 'S'.repeat(64), quantity: 1, unitPriceMinor: 1 }));
    const small = encode(anEvent('OrderPlaced'));
    const copy = Buffer.from(small);
    const large = anEvent('OrderPlaced', { data: { ...eventData.OrderPlaced, lines } } as Partial<Event>);
    expect(encode(large).length).toBeGreaterThan(64 * bounds.lines);
    expect(small).toEqual(copy);
  });

  it('is decoded at once when its schema is cached, and after one lookup when it is not', async () => {
    const codec = await EventCodec.start({ registry, service: 'orders', autoRegister: true });
    const event = anEvent('PaymentCaptured');
    const record = recordOf(event, encode(event));
    const before = registry.lookups;
    const both = [codec.decode(record), codec.decode(record)];
    expect(both.every((one) => one instanceof Promise)).toBe(true);
    for (const one of both) await one;
    expect(codec.decode(record)).not.toBeInstanceOf(Promise);
    expect(registry.lookups - before).toBe(1);
  });

  it('is accepted only on the topic with its prefix', async () => {
    const codec = await EventCodec.start({ registry, service: 'orders', autoRegister: true, prefix: 'a.' });
    const event = anEvent('OrderPlaced');
    const record = recordOf(event, codec.encode(event), { topic: 'a.orders.events' });
    expect(await codec.decode(record)).toMatchObject({ id: event.id });
    expect(await reasonOf(record)).toBe('wrong_topic');
  });
});

describe('encoding refuses', () => {
  it('an event of another service', () => {
    expect(() => codecOf('orders').encode(anEvent('StockReserved'))).toThrow('orders does not publish StockReserved');
  });

  it('data that does not fit its schema', () => {
    const event = anEvent('OrderConfirmed', { data: { email: 'a@example.com', totalMinor: 1.5 } } as never);
    expect(() => encode(event)).toThrow(/invalid/);
  });

  it('an event that claims another version of its schema', () => {
    expect(() => encode(anEvent('OrderPlaced', { schemaVersion: '0.9.0' }))).toThrow(
      `written as ${eventSchemas.OrderPlaced.version}, not 0.9.0`,
    );
  });

  it('an event that every reader would refuse', () => {
    expect(() => encode(anEvent('OrderPlaced', { sequence: 0 }))).toThrow(BadRecord);
  });
});

const shipment = { type: 'record', name: 'ShipmentBooked', namespace: 'shipping', fields: [] };
const oneOfA = { sku: 'A', quantity: 1 };

describe('a record that is not a valid event', () => {
  const event = anEvent('OrderPlaced');
  const good = () => recordOf(event, encode(event));
  const withHeaders = (changes: Record<string, Buffer | undefined>): RawRecord => {
    const headers = { ...good().headers, ...changes };
    return { ...good(), headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value)) as never };
  };

  it.each([
    ['not_framed', 'no value', () => recordOf(event, null)],
    ['not_framed', 'text', () => recordOf(event, Buffer.from('not json'))],
    ['not_framed', 'an empty frame', () => recordOf(event, Buffer.from([0, 0, 0, 0, 1]))],
    ['header_missing', 'no ce_type', () => withHeaders({ ce_type: undefined })],
    [
      'foreign',
      'no ce_type, and JSON',
      () => ({ ...recordOf(event, Buffer.from('{"specversion":"1.0"}')), headers: {} }),
    ],
    ['foreign', 'no ce_type, and no value', () => ({ ...recordOf(event, null), headers: {} })],
    [
      'foreign',
      'no ce_type, and an unknown schema',
      () => ({ ...recordOf(event, Buffer.from([0, 9, 9, 9, 8, 1])), headers: {} }),
    ],
    [
      'foreign',
      'no ce_type, and a schema of another system',
      () => ({ ...recordOf(event, Buffer.from([0, 0, 0, 0, registry.add(shipment), 1])), headers: {} }),
    ],
    ['header_missing', 'no ce_id', () => withHeaders({ ce_id: undefined })],
    ['unknown_type', 'an unknown type', () => withHeaders({ ce_type: Buffer.from('OrderEaten') })],
    ['unknown_type', 'the name of an inherited property', () => withHeaders({ ce_type: Buffer.from('toString') })],
    ['header_mismatch', 'another ce_id', () => withHeaders({ ce_id: Buffer.from(randomUUID()) })],
    ['header_mismatch', 'another ce_source', () => withHeaders({ ce_source: Buffer.from('payments') })],
    ['header_mismatch', 'another ce_specversion', () => withHeaders({ ce_specversion: Buffer.from('0.3') })],
    ['header_mismatch', 'another key', () => ({ ...good(), key: Buffer.from(randomUUID()) })],
    ['header_mismatch', 'no key', () => ({ ...good(), key: null })],
    [
      'header_mismatch',
      'another type inside',
      () => recordOf(event, written({ ...event, type: 'OrderConfirmed' } as never, envelopeSchema('OrderPlaced'))),
    ],
    ['schema_mismatch', 'the schema of another type', () => withHeaders({ ce_type: Buffer.from('OrderConfirmed') })],
    ['wrong_topic', 'a topic of another service', () => ({ ...good(), topic: 'payments.events' })],
    ['unknown_schema', 'an unknown schema id', () => recordOf(event, Buffer.from([0, 9, 9, 9, 9, 1, 2]))],
    ['undecodable', 'trailing bytes', () => recordOf(event, Buffer.concat([encode(event), Buffer.from([0])]))],
    ['undecodable', 'too few bytes', () => recordOf(event, encode(event).subarray(0, -4))],
  ] as const)('%s: %s', async (reason, _what, record) => {
    expect(await reasonOf(record())).toBe(reason);
  });

  it.each<[reason: string, type: EventType, changes: object]>([
    ['wrong_source', 'OrderPlaced', { source: 'payments' }],
    ['invalid_id', 'OrderPlaced', { id: 'x' }],
    ['invalid_subject', 'OrderPlaced', { subject: 'x' }],
    ['invalid_subject', 'OrderConfirmed', { subject: 'TEA-1' }],
    ['invalid_subject', 'ProductChanged', { subject: '..' }],
    ['invalid_time', 'OrderPlaced', { time: 'yesterday' }],
    ['invalid_time', 'OrderPlaced', { time: '2026-02-30T00:00:00Z' }],
    ['invalid_time', 'OrderPlaced', { time: '2026-11-03T15:15:00+01:00' }],
    ['invalid_sequence', 'OrderPlaced', { sequence: 0 }],
    ['out_of_bounds', 'OrderPlaced', { schemaVersion: 'one' }],
    ['out_of_bounds', 'OrderPlaced', { correlationId: 'x'.repeat(257) }],
  ])('%s: %s with %j', async (reason, type, changes) => {
    const bad = anEvent(type, changes);
    expect(await reasonOf(recordOf(bad, written(bad)))).toBe(reason);
  });

  it.each<[reason: string, what: string, type: EventType, data: object]>([
    ['out_of_bounds', 'no lines', 'OrderPlaced', { lines: [] }],
    ['out_of_bounds', 'a quantity of 0', 'StockReserved', { lines: [{ sku: 'A', quantity: 0 }] }],
    [
      'out_of_bounds',
      'more units than an order can have',
      'StockReserved',
      { lines: [{ sku: 'A', quantity: mostUnitsOfSku + 1 }] },
    ],
    ['out_of_bounds', 'a SKU with a line break', 'StockReserved', { lines: [{ sku: 'A\nB', quantity: 1 }] }],
    ['out_of_bounds', 'a string of 257 characters', 'OrderCancelled', { email: 'x'.repeat(257) }],
    ['out_of_bounds', 'an encrypted field of 513 characters', 'OrderPlaced', { paymentToken: 'x'.repeat(513) }],
    ['out_of_bounds', 'an invalid currency', 'ProductChanged', { currency: 'euro' }],
    ['out_of_bounds', 'a withdrawn currency', 'OrderPlaced', { currency: 'DEM' }],
    ['out_of_bounds', 'a currency without a minor unit', 'PaymentCaptured', { currency: 'XAU' }],
    ['out_of_bounds', 'a price below zero', 'ProductChanged', { priceMinor: -1 }],
    ['out_of_bounds', 'a price above the bound', 'ProductChanged', { largePriceMinor: bounds.priceMinor + 1 }],
    ['undecodable', 'too many lines', 'StockReserved', { lines: Array(bounds.lines + 1).fill(oneOfA) }],
  ])('%s: %s', async (reason, _what, type, data) => {
    const bad = anEvent(type, { data: { ...eventData[type], ...data } } as never);
    expect(await reasonOf(recordOf(bad, written(bad)))).toBe(reason);
  });

  it('undecodable, and at once: an array that announces 2^52 elements', async () => {
    const bad = anEvent('StockReserved', { data: { lines: [] } } as never);
    const bytes = written(bad).subarray(0, -1);
    const huge = Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]);
    expect(await reasonOf(recordOf(bad, Buffer.concat([bytes, huge])))).toBe('undecodable');
  });

  it('schema_mismatch: a schema that is not Avro', async () => {
    registry.schemas.push('syntax = "proto3";');
    const bytes = encode(event);
    writeFrame(bytes, registry.schemas.length);
    expect(await reasonOf(recordOf(event, bytes))).toBe('schema_mismatch');
  });
});

describe('a schema id', () => {
  afterEach(() => void jest.restoreAllMocks());

  // proves: the registry is not called for each undecodable record
  it('is looked up once in a while when it is unknown, however many records carry it', async () => {
    const codec = await EventCodec.start({ registry, service: 'orders', autoRegister: true });
    const event = anEvent('OrderPlaced');
    const bytes = encode(event);
    const unknownId = registry.schemas.length + 1;
    writeFrame(bytes, unknownId);
    const read = () => Promise.resolve().then(() => codec.decode(recordOf(event, bytes)));
    const before = registry.lookups;
    for (let i = 0; i < 3; i += 1) await expect(read()).rejects.toMatchObject({ reason: 'unknown_schema' });
    expect(registry.lookups - before).toBe(1);

    registry.schemas.push(JSON.stringify(envelopeSchema('OrderPlaced')));
    // Also when the wall clock was set back meanwhile.
    jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 10_000);
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() - 3_600_000);
    expect(await read()).toMatchObject({ id: event.id });
  });
});

describe('a registry that is away', () => {
  it('is a transient error, and the schema is looked up again', async () => {
    const codec = await EventCodec.start({ registry, service: 'payments', autoRegister: true });
    const event = anEvent('OrderPlaced');
    const record = recordOf(event, encode(event));
    registry.away = new TransientError('away');
    const error = await Promise.resolve(codec.decode(record)).catch((rejected: unknown) => rejected);
    registry.away = undefined;
    expect(isTransient(error)).toBe(true);
    expect(await codec.decode(record)).toMatchObject({ id: event.id });
  });
});

describe('schema evolution', () => {
  const current = () => structuredClone(envelopeSchema('OrderCancelled')) as never as { fields: { type: never }[] };
  const data = (schema: ReturnType<typeof current>) =>
    schema.fields.at(-1)?.type as unknown as { fields: { name: string; type: unknown; default?: unknown }[] };

  it('a record of a newer writer with an added field is decoded without it', async () => {
    const newer = current();
    data(newer).fields.push({ name: 'note', type: 'string', default: '' });
    const event = anEvent('OrderCancelled');
    const newerEvent = { ...event, data: { ...event.data, note: 'hello' } } as never;
    const decoded = await decode(recordOf(event, written(newerEvent, newer)));
    expect(JSON.parse(JSON.stringify(decoded.data))).toEqual(eventData.OrderCancelled);
  });

  it('an added symbol of a newer writer is decoded as the default', async () => {
    const newer = current();
    const reason = data(newer).fields.find(({ name }) => name === 'reason')?.type as { symbols: string[] };
    reason.symbols.push('fraud');
    const event = anEvent('OrderCancelled', { data: { email: 'a@example.com', reason: 'fraud' } } as never);
    expect((await decode(recordOf(event, written(event, newer)))).data).toMatchObject({ reason: 'unknown' });
  });

  it('the version in the record may differ from ours', async () => {
    expect(eventSchemas.OrderCancelled.version).not.toBe('1.9.0');
    const event = anEvent('OrderCancelled', { schemaVersion: '1.9.0' });
    expect(await decode(recordOf(event, written(event)))).toMatchObject({ schemaVersion: '1.9.0' });
  });
});
