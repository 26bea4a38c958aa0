import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Event, eventSchemas } from '@orderflow/contracts';
import { MemoryRegistry } from '../../test/memory-registry.js';
import { allTypes, recordOf } from '../../test/samples.js';
import { writeMissingGolden } from '../../test/write-golden.js';
import { EventCodec } from './event-codec.js';

const folder = join(import.meta.dirname, '../../test/golden');
// For each new version of a schema: run once with WRITE_GOLDEN=1, then commit the file.
if (process.env['WRITE_GOLDEN'] === '1') writeMissingGolden(folder);
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
