import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { anEvent } from '@orderflow/testing';
import { envelopeSchema } from '../src/codec/envelope-schema.js';
import { EventCodec } from '../src/codec/event-codec.js';
import { UnknownSchema } from '../src/errors.js';
import { SchemaRegistry } from '../src/registry/schema-registry.js';
import { recordOf } from './samples.js';

// Needs SCHEMA_REGISTRY_URL.
const url = process.env['SCHEMA_REGISTRY_URL'] ?? '';
const registry = new SchemaRegistry(url);
const schema = (name: string, ...fields: object[]) => ({
  type: 'record',
  name,
  namespace: 'test',
  fields: [{ name: 'a', type: 'string' }, ...fields],
});
const fresh = () => `R${randomUUID().replaceAll('-', '')}`;

const setRule = async (name: string, compatibility: string) =>
  fetch(`${url}/config/test.${name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ compatibility }),
  });

describe('a real schema registry', () => {
  it('gives one id to one schema, by name and by text', async () => {
    const name = fresh();
    const id = await registry.register(`test.${name}`, schema(name));
    expect(await registry.register(`test.${name}`, schema(name))).toBe(id);
    expect(await registry.idOf(`test.${name}`, schema(name))).toBe(id);
    expect(JSON.parse(await registry.schemaById(id))).toMatchObject({ name, type: 'record' });
  });

  it('rejects an unknown id', async () => {
    await expect(registry.schemaById(2_000_000_000)).rejects.toBeInstanceOf(UnknownSchema);
  });

  it('has no id for a schema that was not registered', async () => {
    const name = fresh();
    await expect(registry.idOf(`test.${name}`, schema(name))).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringMatching(
        new RegExp(`^schema test\\.${name} is not registered.*orderflow schemas --register.*$`),
      ),
    });
  });

  it('refuses an incompatible schema with a line that names schema and rule', async () => {
    const name = fresh();
    await registry.register(`test.${name}`, schema(name));
    await registry.demandCompatibility(`test.${name}`);
    const incompatible = schema(name, { name: 'b', type: 'string' });
    await expect(registry.register(`test.${name}`, incompatible)).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringMatching(new RegExp(`^schema test\\.${name} breaks FULL_TRANSITIVE: .*$`)),
    });
    const compatible = schema(name, { name: 'b', type: 'string', default: '' });
    expect(await registry.register(`test.${name}`, compatible)).toBeGreaterThan(0);
  });

  it('takes white space and another order of attributes for no other version', async () => {
    const name = fresh();
    const id = await registry.register(`test.${name}`, schema(name));
    const { fields, ...rest } = schema(name);
    const shuffled = { fields: fields.map(({ ...field }) => ({ type: 'string', ...field })), ...rest };
    expect(await registry.register(`test.${name}`, shuffled)).toBe(id);
    expect(await registry.idOf(`test.${name}`, shuffled)).toBe(id);
    const versions = await fetch(`${url}/subjects/test.${name}/versions`);
    expect(await versions.json()).toEqual([1]);
  });

  it('is asked for full compatibility of one subject, and of no other', async () => {
    const [ours, other] = [fresh(), fresh()];
    const before = await registry.compatibilityOf(`test.${other}`);
    await registry.register(`test.${ours}`, schema(ours));
    await setRule(ours, 'NONE');
    await registry.demandCompatibility(`test.${ours}`);
    expect(await registry.compatibilityOf(`test.${ours}`)).toBe('FULL_TRANSITIVE');
    expect(await registry.compatibilityOf(`test.${other}`)).toBe(before);
  });

  it('serves the schemas of a writing and of a reading service', async () => {
    const writer = await EventCodec.start({ registry, service: 'orders', autoRegister: true });
    await EventCodec.start({ registry, service: 'orders', autoRegister: false });
    const reader = await EventCodec.start({ registry, service: 'payments', autoRegister: true });
    const event = anEvent('OrderPlaced');
    expect(await reader.decode(recordOf(event, writer.encode(event)))).toMatchObject({ id: event.id });
    const id = await registry.idOf('orderflow.orders.OrderPlaced', envelopeSchema('OrderPlaced'));
    expect(writer.encode(event).readInt32BE(1)).toBe(id);
  });
});
