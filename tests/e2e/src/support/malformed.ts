import { randomUUID } from 'node:crypto';
import { services } from '@orderflow/contracts';
import type { RawRecord } from '@orderflow/kafka';
import type { Random } from '@orderflow/console/shop';

/** A record from any producer. */
export interface Malformed {
  readonly topic: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | Buffer[]>>;
}

/** Below the broker's limit for a batch (1,048,588 bytes), with room for key and headers. */
const LARGEST = 1_040_000;
const SCHEMA_ID_AT = 1;

const bytesOf = (random: Random, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => random.between(0, 255)));

type Mutation = (record: Malformed, random: Random, others: readonly RawRecord[]) => Malformed;

const withHeader = (record: Malformed, name: string, value: Buffer | Buffer[] | undefined): Malformed => ({
  ...record,
  headers: Object.fromEntries([
    ...Object.entries(record.headers).filter(([known]) => known !== name),
    ...(value === undefined ? [] : [[name, value] as const]),
  ]),
});

function flipped(bytes: Buffer, random: Random, bits: number): Buffer {
  const copy = Buffer.from(bytes);
  for (let i = 0; i < bits; i += 1) {
    const at = random.between(0, copy.length - 1);
    copy[at] = copy[at]! ^ (1 << random.between(0, 7));
  }
  return copy;
}

function withSchemaId(value: Buffer, id: number): Buffer {
  const copy = Buffer.from(value);
  copy.writeInt32BE(id, SCHEMA_ID_AT);
  return copy;
}

/** A string as Avro writes it: its length, zigzag, before it. Short ones only. */
const avroString = (text: string): Buffer => Buffer.concat([Buffer.from([text.length * 2]), Buffer.from(text)]);

/** Another source in the record itself. */
function fromAnother(value: Buffer, random: Random): Buffer {
  const source = services.find((name) => value.includes(avroString(name)))!;
  const [written, at] = [avroString(source), value.indexOf(avroString(source))];
  const another = random.pick([...services, 'unknown', ''].filter((name) => name !== source));
  return Buffer.concat([value.subarray(0, at), avroString(another), value.subarray(at + written.length)]);
}

const bomb = (random: Random): Record<string, Buffer> =>
  Object.fromEntries(
    Array.from({ length: 1_000 }, (_, i) => [
      random.pick(['x-', '', '\0', '__proto__']) + (i || ''),
      Buffer.alloc(8, i),
    ]),
  );

const twice = (value: Buffer | Buffer[] | undefined): Buffer[] =>
  [value, value].flat().filter((it) => it !== undefined);

/** Every mutation; each is as likely as any other. */
const mutations: Readonly<Record<string, Mutation>> = {
  'one bit flipped': (it, random) => ({ ...it, value: flipped(it.value!, random, 1) }),
  'many bits flipped': (it, random) => ({ ...it, value: flipped(it.value!, random, random.between(2, 61)) }),
  truncated: (it, random) => ({ ...it, value: it.value!.subarray(0, random.between(0, it.value!.length - 1)) }),
  'trailing bytes': (it, random) => ({
    ...it,
    value: Buffer.concat([it.value!, bytesOf(random, random.between(1, 99))]),
  }),
  'random bytes': (it, random) => ({ ...it, value: bytesOf(random, random.between(0, 499)) }),
  'an unknown schema id': (it, random) => ({
    ...it,
    value: withSchemaId(it.value!, 2 ** 30 + random.between(0, 98)),
  }),
  'a schema id below zero': (it, random) => ({ ...it, value: withSchemaId(it.value!, -1 - random.between(0, 8)) }),
  'the schema id of another event': (it, random, others) => ({
    ...it,
    value: withSchemaId(it.value!, random.pick(others).value!.readInt32BE(SCHEMA_ID_AT)),
  }),
  'the value of another event': (it, random, others) => ({ ...it, value: random.pick(others).value }),
  'another source': (it, random) => ({ ...it, value: fromAnother(it.value!, random) }),
  'no value': (it) => ({ ...it, value: null }),
  'an empty value': (it) => ({ ...it, value: Buffer.alloc(0) }),
  'no key': (it) => ({ ...it, key: null }),
  'the key of another order': (it) => ({ ...it, key: Buffer.from(randomUUID()) }),
  'a key that is not text': (it, random) => ({ ...it, key: bytesOf(random, random.between(1, 2000)) }),
  'another topic': (it, random, others) => ({ ...it, topic: random.pick(others).topic }),
  'the type of another event in its headers': (it, random, others) =>
    withHeader(it, 'ce_type', random.pick(others).headers['ce_type']),
  'a type that does not exist in its headers': (it, random) =>
    withHeader(it, 'ce_type', random.pick([Buffer.from('OrderEaten'), Buffer.from('__proto__'), bytesOf(random, 20)])),
  'no type in its headers': (it) => withHeader(it, 'ce_type', undefined),
  'two types in its headers': (it) => withHeader(it, 'ce_type', twice(it.headers['ce_type'])),
  'another id in its headers': (it) => withHeader(it, 'ce_id', Buffer.from(randomUUID())),
  'no id in its headers': (it) => withHeader(it, 'ce_id', undefined),
  'two ids in its headers': (it) => withHeader(it, 'ce_id', twice(it.headers['ce_id'])),
  'a malformed traceparent': (it, random) => withHeader(it, 'traceparent', bytesOf(random, random.between(0, 299))),
  'a thousand headers': (it, random) => ({ ...it, headers: { ...bomb(random), ...it.headers } }),
  'a huge header': (it, random) =>
    withHeader(
      it,
      random.pick(['x', 'ce_type', 'ce_id', 'traceparent']),
      Buffer.alloc(random.between(20_000, 59_999), 65),
    ),
};

/** As large as the broker takes: rare, or they would be most of the bytes. */
const large: Readonly<Record<string, Mutation>> = {
  'a value as large as the broker takes': (it, random) => ({
    ...it,
    value: Buffer.concat([it.value!, Buffer.alloc(LARGEST - it.value!.length, random.between(0, 255))]),
  }),
  'a header as large as the broker takes': (it, random) =>
    withHeader(it, random.pick(['x', 'ce_type', 'traceparent']), Buffer.alloc(LARGEST, 66)),
  // Not larger: kafkajs takes seconds to hash a megabyte of key.
  'a key of some kilobytes': (it, random) => ({ ...it, key: Buffer.alloc(20_000, random.between(0, 255)) }),
};

export const isLarge = ({ key, value, headers }: Malformed): boolean =>
  [key, value, ...Object.values(headers)].flat().some((bytes) => (bytes?.length ?? 0) > 100_000);

const LARGE_SHARE = 250;

/** A published record with one mutation. */
export function mutate(original: RawRecord, others: readonly RawRecord[], random: Random): Malformed {
  const { topic, key, value, headers } = original;
  const choices = random.between(0, LARGE_SHARE - 1) === 0 ? large : mutations;
  return random.pick(Object.values(choices))({ topic, key, value, headers }, random, others);
}
