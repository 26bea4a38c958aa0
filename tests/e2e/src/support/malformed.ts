import { randomUUID } from 'node:crypto';
import type { RawRecord } from '@orderflow/kafka';

/** A record as a stranger may send it. */
export interface Malformed {
  readonly topic: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | Buffer[]>>;
}

/** Below the broker's limit for a batch (1,048,588 bytes), with room for key and headers. */
const LARGEST = 1_040_000;
const SCHEMA_ID_AT = 1;

/** Numbers from a seed (mulberry32): the same seed gives the same records, but for the ids of their orders. */
export class Chance {
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

type Mutation = (record: Malformed, chance: Chance, others: readonly RawRecord[]) => Malformed;

const withHeader = (record: Malformed, name: string, value: Buffer | Buffer[] | undefined): Malformed => ({
  ...record,
  headers: Object.fromEntries([
    ...Object.entries(record.headers).filter(([known]) => known !== name),
    ...(value === undefined ? [] : [[name, value] as const]),
  ]),
});

function flipped(bytes: Buffer, chance: Chance, bits: number): Buffer {
  const copy = Buffer.from(bytes);
  for (let i = 0; i < bits; i += 1) {
    const at = chance.below(copy.length);
    copy[at] = copy[at]! ^ (1 << chance.below(8));
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

/** Who says it, in the record itself. */
function fromAnother(value: Buffer, chance: Chance): Buffer {
  const sources = ['orders', 'inventory', 'payments', 'notifications'];
  const source = sources.find((name) => value.includes(avroString(name)))!;
  const [written, at] = [avroString(source), value.indexOf(avroString(source))];
  const another = chance.of([...sources, 'nobody', ''].filter((name) => name !== source));
  return Buffer.concat([value.subarray(0, at), avroString(another), value.subarray(at + written.length)]);
}

const bomb = (chance: Chance): Record<string, Buffer> =>
  Object.fromEntries(
    Array.from({ length: 1_000 }, (_, i) => [chance.of(['x-', '', '\0', '__proto__']) + (i || ''), Buffer.alloc(8, i)]),
  );

const twice = (value: Buffer | Buffer[] | undefined): Buffer[] =>
  [value, value].flat().filter((it) => it !== undefined);

/** Every way in which a record is spoiled here; each as often as any other. */
const mutations: Readonly<Record<string, Mutation>> = {
  'one bit flipped': (it, chance) => ({ ...it, value: flipped(it.value!, chance, 1) }),
  'many bits flipped': (it, chance) => ({ ...it, value: flipped(it.value!, chance, 2 + chance.below(60)) }),
  'cut short': (it, chance) => ({ ...it, value: it.value!.subarray(0, chance.below(it.value!.length)) }),
  'more behind it': (it, chance) => ({ ...it, value: Buffer.concat([it.value!, chance.bytes(1 + chance.below(99))]) }),
  'random bytes': (it, chance) => ({ ...it, value: chance.bytes(chance.below(500)) }),
  'a schema id that nobody gave': (it, chance) => ({
    ...it,
    value: withSchemaId(it.value!, 2 ** 30 + chance.below(99)),
  }),
  'a schema id below zero': (it, chance) => ({ ...it, value: withSchemaId(it.value!, -1 - chance.below(9)) }),
  'the schema id of another event': (it, chance, others) => ({
    ...it,
    value: withSchemaId(it.value!, chance.of(others).value!.readInt32BE(SCHEMA_ID_AT)),
  }),
  'the value of another event': (it, chance, others) => ({ ...it, value: chance.of(others).value }),
  'another source': (it, chance) => ({ ...it, value: fromAnother(it.value!, chance) }),
  'no value': (it) => ({ ...it, value: null }),
  'an empty value': (it) => ({ ...it, value: Buffer.alloc(0) }),
  'no key': (it) => ({ ...it, key: null }),
  'the key of another order': (it) => ({ ...it, key: Buffer.from(randomUUID()) }),
  'a key that is no text': (it, chance) => ({ ...it, key: chance.bytes(1 + chance.below(2_000)) }),
  'another topic': (it, chance, others) => ({ ...it, topic: chance.of(others).topic }),
  'the type of another event in its headers': (it, chance, others) =>
    withHeader(it, 'ce_type', chance.of(others).headers['ce_type']),
  'a type that does not exist in its headers': (it, chance) =>
    withHeader(it, 'ce_type', chance.of([Buffer.from('OrderEaten'), Buffer.from('__proto__'), chance.bytes(20)])),
  'no type in its headers': (it) => withHeader(it, 'ce_type', undefined),
  'two types in its headers': (it) => withHeader(it, 'ce_type', twice(it.headers['ce_type'])),
  'another id in its headers': (it) => withHeader(it, 'ce_id', Buffer.from(randomUUID())),
  'no id in its headers': (it) => withHeader(it, 'ce_id', undefined),
  'two ids in its headers': (it) => withHeader(it, 'ce_id', twice(it.headers['ce_id'])),
  'a trace that is none': (it, chance) => withHeader(it, 'traceparent', chance.bytes(chance.below(300))),
  'a thousand headers': (it, chance) => ({ ...it, headers: { ...bomb(chance), ...it.headers } }),
  'a huge header': (it, chance) =>
    withHeader(
      it,
      chance.of(['x', 'ce_type', 'ce_id', 'traceparent']),
      Buffer.alloc(20_000 + chance.below(40_000), 65),
    ),
};

/** As large as the broker takes: few, or they would be most of what is sent. */
const large: Readonly<Record<string, Mutation>> = {
  'a value as large as the broker takes': (it, chance) => ({
    ...it,
    value: Buffer.concat([it.value!, Buffer.alloc(LARGEST - it.value!.length, chance.below(256))]),
  }),
  'a header as large as the broker takes': (it, chance) =>
    withHeader(it, chance.of(['x', 'ce_type', 'traceparent']), Buffer.alloc(LARGEST, 66)),
  // Not larger: to find its partition, kafkajs takes seconds for a megabyte of key.
  'a key of some kilobytes': (it, chance) => ({ ...it, key: Buffer.alloc(20_000, chance.below(256)) }),
};

export const isLarge = ({ key, value, headers }: Malformed): boolean =>
  [key, value, ...Object.values(headers)].flat().some((bytes) => (bytes?.length ?? 0) > 100_000);

const LARGE_SHARE = 250;

/** A record that was published, spoiled in one way. */
export function spoil(original: RawRecord, others: readonly RawRecord[], chance: Chance): Malformed {
  const { topic, key, value, headers } = original;
  const choices = chance.below(LARGE_SHARE) === 0 ? large : mutations;
  return chance.of(Object.values(choices))({ topic, key, value, headers }, chance, others);
}
