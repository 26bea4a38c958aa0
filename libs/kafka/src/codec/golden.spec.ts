import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Event, eventSchemas, type EventType } from '@orderflow/contracts';
import { anEvent } from '@orderflow/testing';
import { MemoryRegistry } from '../../test/memory-registry.js';
import { allTypes, recordOf } from '../../test/samples.js';
import { envelopeSchema } from './envelope-schema.js';
import { EventCodec } from './event-codec.js';
import { currentType } from './readers.js';

const folder = join(import.meta.dirname, '../../test/golden');
// For each new version of a schema: run once with WRITE_GOLDEN=1, then commit the file.
if (process.env['WRITE_GOLDEN'] === '1') allTypes.forEach(writeMissing);
const files = readdirSync(folder);

describe('stored bytes of released schemas', () => {
  it.each(files)('%s decode to the same event', async (file) => {
    const { event, hex, schema } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
      event: Event;
      hex: string;
      schema: object;
    };
    const registry = new MemoryRegistry();
    registry.schemas[6] = JSON.stringify(schema);
    const codec = await EventCodec.start({ registry, service: 'orders', autoRegister: true });
    const decoded = await codec.decode(recordOf(event, Buffer.from(hex, 'hex')));
    expect(JSON.parse(JSON.stringify(decoded))).toMatchObject({ ...event, data: { ...event.data } });
  });

  it.each(allTypes)('exist for the newest version of %s', (type) => {
    expect(files).toContain(`${type}-${eventSchemas[type].version}.json`);
  });
});

/** An existing file is never rewritten: it proves that old records can still be decoded. */
function writeMissing(type: EventType): void {
  const file = join(folder, `${type}-${eventSchemas[type].version}.json`);
  if (existsSync(file)) return;
  const event = anEvent(type);
  const hex = `0000000007${currentType(type).toBuffer(event).toString('hex')}`;
  writeFileSync(file, JSON.stringify({ event, hex, schema: envelopeSchema(type) }, null, 2) + '\n');
}
