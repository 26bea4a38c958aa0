import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventSchemas } from '@orderflow/contracts';
import { anEvent } from '@orderflow/testing';
import { envelopeSchema } from '../src/codec/envelope-schema.js';
import { currentType } from '../src/codec/readers.js';
import { allTypes } from './samples.js';

/**
 * Writes <Event>-<version>.json for each released schema that has none yet. An existing file is never rewritten: it proves
 * that old records can still be decoded.
 */
export function writeMissingGolden(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const type of allTypes) {
    const file = join(folder, `${type}-${eventSchemas[type].version}.json`);
    if (existsSync(file)) continue;
    const event = anEvent(type);
    const hex = `0000000007${currentType(type).toBuffer(event).toString('hex')}`;
    writeFileSync(file, JSON.stringify({ event, hex, schema: envelopeSchema(type) }, null, 2) + '\n');
  }
}
