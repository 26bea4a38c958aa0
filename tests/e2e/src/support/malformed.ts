import { randomUUID } from 'node:crypto';
import { services } from '@orderflow/contracts';
import type { RawRecord } from '@orderflow/kafka';

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

/** Random numbers, reproducible by seed (mulberry32). */
export class Random {
  constructor(private state: number) {}

  /** @returns a whole number from 0 to `below - 1` */
  below(below: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}

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
    const at = random.below(copy.length);
    copy[at] = copy[at]! ^ (1 << random.below(8));
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
  const another = random.of([...services, 'unknown', ''].filter((name) => name !== source));
  return Buffer.concat([value.subarray(0, at), avroString(another), value.subarray(at + written.length)]);
}

const bomb = (random: Random): Record<string, Buffer> =>
  Object.fromEntries(
    Array.from({ length: 1_000 }, (_, i) => [random.of(['x-', '', '\0', '__proto__']) + (i || ''), Buffer.alloc(8, i)]),
  );

const twice = (value: Buffer | Buffer[] | undefined): Buffer[] =>
  [value, value].flat().filter((it) => it !== undefined);

/** Every mutation; each is as likely as any other. */
const mutations: Readonly<Record<string, Mutation>> = {
  'one bit flipped': (it, random) => ({ ...it, value: flipped(it.value!, random, 1) }),
  'many bits flipped': (it, random) => ({ ...it, value: flipped(it.value!, random, 2 + random.below(60)) }),
  truncated: (it, random) => ({ ...it, value: it.value!.subarray(0, random.below(it.value!.length)) }),
  'trailing bytes': (it, random) => ({ ...it, value: Buffer.concat([it.value!, random.bytes(1 + random.below(99))]) }),
  'random bytes': (it, random) => ({ ...it, value: random.bytes(random.below(500)) }),
  'an unknown schema id': (it, random) => ({
    ...it,
    value: withSchemaId(it.value!, 2 ** 30 + random.below(99)),
  }),
  'a schema id below zero': (it, random) => ({ ...it, value: withSchemaId(it.value!, -1 - random.below(9)) }),
  'the schema id of another event': (it, random, others) => ({
    ...it,
    value: withSchemaId(it.value!, random.of(others).value!.readInt32BE(SCHEMA_ID_AT)),
  }),
  'the value of another event': (it, random, others) => ({ ...it, value: random.of(others).value }),
  'another source': (it, random) => ({ ...it, value: fromAnother(it.value!, random) }),
  'no value': (it) => ({ ...it, value: null }),
  'an empty value': (it) => ({ ...it, value: Buffer.alloc(0) }),
  'no key': (it) => ({ ...it, key: null }),
  'the key of another order': (it) => ({ ...it, key: Buffer.from(randomUUID()) }),
  'a key that is not text': (it, random) => ({ ...it, key: random.bytes(1 + random.below(2_000)) }),
  'another topic': (it, random, others) => ({ ...it, topic: random.of(others).topic }),
  'the type of another event in its headers': (it, random, others) =>
    withHeader(it, 'ce_type', random.of(others).headers['ce_type']),
  'a type that does not exist in its headers': (it, random) =>
    withHeader(it, 'ce_type', random.of([Buffer.from('OrderEaten'), Buffer.from('__proto__'), random.bytes(20)])),
  'no type in its headers': (it) => withHeader(it, 'ce_type', undefined),
  'two types in its headers': (it) => withHeader(it, 'ce_type', twice(it.headers['ce_type'])),
  'another id in its headers': (it) => withHeader(it, 'ce_id', Buffer.from(randomUUID())),
  'no id in its headers': (it) => withHeader(it, 'ce_id', undefined),
  'two ids in its headers': (it) => withHeader(it, 'ce_id', twice(it.headers['ce_id'])),
  'a malformed traceparent': (it, random) => withHeader(it, 'traceparent', random.bytes(random.below(300))),
  'a thousand headers': (it, random) => ({ ...it, headers: { ...bomb(random), ...it.headers } }),
  'a huge header': (it, random) =>
    withHeader(
      it,
      random.of(['x', 'ce_type', 'ce_id', 'traceparent']),
      Buffer.alloc(20_000 + random.below(40_000), 65),
    ),
};

/** As large as the broker takes: rare, or they would be most of the bytes. */
const large: Readonly<Record<string, Mutation>> = {
  'a value as large as the broker takes': (it, random) => ({
    ...it,
    value: Buffer.concat([it.value!, Buffer.alloc(LARGEST - it.value!.length, random.below(256))]),
  }),
  'a header as large as the broker takes': (it, random) =>
    withHeader(it, random.of(['x', 'ce_type', 'traceparent']), Buffer.alloc(LARGEST, 66)),
  // Not larger: kafkajs takes seconds to hash a megabyte of key.
  'a key of some kilobytes': (it, random) => ({ ...it, key: Buffer.alloc(20_000, random.below(256)) }),
};

export const isLarge = ({ key, value, headers }: Malformed): boolean =>
  [key, value, ...Object.values(headers)].flat().some((bytes) => (bytes?.length ?? 0) > 100_000);

const LARGE_SHARE = 250;

/** A published record with one mutation. */
export function mutate(original: RawRecord, others: readonly RawRecord[], random: Random): Malformed {
  const { topic, key, value, headers } = original;
  const choices = random.below(LARGE_SHARE) === 0 ? large : mutations;
  return random.of(Object.values(choices))({ topic, key, value, headers }, random, others);
}
