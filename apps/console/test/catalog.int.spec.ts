import { beforeAll, describe, expect, it } from '@jest/globals';
import { catalog, type Catalog } from '@orderflow/console-api';
import { type Event, eventSchemas } from '@orderflow/contracts';
import { SchemaRegistry } from '@orderflow/kafka';
import { scansOf } from '@orderflow/testing';
import { LiveSightings } from '../src/adapters/catalog/live-sightings.js';
import { eventTypes } from '../src/domain/flow/graph.js';
import { ConsoleApp } from './console-app.js';
import { JournalSystem } from './journal-system.js';
import { aStory } from './stories.js';

const system = new JournalSystem();
const console_ = new ConsoleApp(system);
let earlier: Event[];
let later: Event[];
const log = { warn: () => undefined };

beforeAll(async () => {
  await system.consume();
  earlier = aStory('tooLate');
  await system.publish(...earlier);
  await system.caughtUp();
  later = aStory('confirmed');
  await system.publish(...later);
  await system.caughtUp();
});

const versionOf = ({ events }: Catalog, type: string) => events.find((it) => it.type === type)!.versions.at(-1)!;

describe('GET /api/catalog', () => {
  it('has the newest event of each version that the journal has, and null for the others', async () => {
    const { status, body } = await console_.get('/api/catalog');
    expect(status).toBe(200);
    const shown = catalog.parse(body);
    expect(versionOf(shown, 'OrderPlaced').last?.eventId).toBe(later[0]!.id);
    expect(versionOf(shown, 'PaymentRefunded').last?.eventId).toBe(
      earlier.find(({ type }) => type === 'PaymentRefunded')!.id,
    );
    expect(versionOf(shown, 'PaymentVoided').last).toBeNull();
    const [oldest] = shown.events.find(({ type }) => type === 'OrderPlaced')!.versions;
    expect(oldest).toMatchObject({ version: '1.0.0', last: null });
  });

  it('has that of an instant in the past, and asks the registry for nothing', async () => {
    const now = catalog.parse((await console_.get('/api/catalog')).body);
    const just = new Date(Date.parse(versionOf(now, 'OrderPlaced').last!.at) - 1).toISOString();
    const then = catalog.parse((await console_.get(`/api/catalog?at=${just}`)).body);
    expect(versionOf(then, 'OrderPlaced').last?.eventId).toBe(earlier[0]!.id);
    expect(then.registry).toEqual({ state: 'not_kept' });
    const before = catalog.parse((await console_.get('/api/catalog?at=2001-01-01T00:00:00Z')).body);
    expect(before.events.flatMap(({ versions }) => versions).every(({ last }) => last === null)).toBe(true);
  });

  it('gives for each example an event that can be read, without its secrets', async () => {
    const { last } = versionOf(catalog.parse((await console_.get('/api/catalog')).body), 'OrderPlaced');
    const { body } = await console_.get(`/api/events/${last!.eventId}`);
    const { data } = (body as { event: { data: Record<string, unknown> } }).event;
    expect(data).not.toHaveProperty('paymentToken');
    expect(data['email']).toMatch(/^.\*\*\*@/);
  });

  it.each([
    ['2999-01-01T00:00:00Z', 422],
    ['yesterday', 400],
  ])('refuses the instant %s with %i', async (at, status) => {
    expect((await console_.get(`/api/catalog?at=${at}`)).status).toBe(status);
  });
});

describe('what was seen of an event', () => {
  it('says the rule of the registry, and the id of the newest version', async () => {
    const { registry } = catalog.parse((await console_.get('/api/catalog')).body);
    if (registry.state !== 'known') throw new Error('the registry does not answer');
    expect(registry.value.map(({ type }) => type)).toEqual(eventTypes);
    for (const { rule, schemaId } of registry.value)
      expect([rule, typeof schemaId]).toEqual(['FULL_TRANSITIVE', 'number']);
  });

  it('says of a registry that does not answer that it is not known, and not that a schema is missing', async () => {
    const away = new LiveSightings(system.database, new SchemaRegistry('http://127.0.0.1:1'), log);
    expect(await away.registered()).toMatchObject({ state: 'unknown', since: expect.any(String) });
  });

  it('says of a schema that the registry refuses to know that it is not registered', async () => {
    const registry = new SchemaRegistry(process.env['SCHEMA_REGISTRY_URL'] ?? '');
    const idOf = registry.idOf.bind(registry);
    const without = {
      compatibilityOf: registry.compatibilityOf.bind(registry),
      idOf: async (subject: string, schema: object) =>
        idOf(subject, subject.endsWith('.OrderPlaced') ? { ...schema, name: 'Unheard' } : schema),
    };
    const reading = await new LiveSightings(system.database, without, log).registered();
    if (reading.state !== 'known') throw new Error('the registry does not answer');
    expect(reading.value.filter(({ schemaId }) => schemaId === null).map(({ type }) => type)).toEqual(['OrderPlaced']);
  });

  it('is found by the index, without a scan of the journal', async () => {
    const { type, version } = { type: 'OrderPlaced', version: eventSchemas.OrderPlaced.version };
    await system.database.query(
      `INSERT INTO journal (position, subject, type, source, sequence, event_id, schema_version, appended_at, topic,
                            partition, "offset", repeats)
       SELECT 1000000 + n, n::text, $1, 'orders', 1, gen_random_uuid(), $2, '2026-01-01', 'orders.events', 0, n, false
       FROM generate_series(1, 3000) AS n`,
      [type, version],
    );
    await system.database.query('ANALYZE journal');
    const sightings = new LiveSightings(system.database, new SchemaRegistry('http://127.0.0.1:1'), log);
    const scans = await scansOf(system.url, () => sightings.lastEvents(undefined));
    const reads = scans.filter(({ relation }) => relation === 'journal');
    expect(reads.map(({ index }) => index)).toEqual(['journal_type']);
    expect(reads[0]!.read).toBeLessThan(100);
  });
});
