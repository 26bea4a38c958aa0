import type { Mutant } from './mutant.ts';

const consumer = 'libs/kafka/src/driver/consumer.spec.ts';
const codec = 'libs/kafka/src/codec/event-codec.spec.ts';
const work = 'libs/kafka/src/driver/partition-work.spec.ts';

/** On and off the wire. */
export const kafka: readonly Mutant[] = [
  {
    guard: 'a new group reads from the beginning',
    file: 'libs/kafka/src/driver/consumer.ts',
    edits: [['fromBeginning: true', 'fromBeginning: false']],
    check: {
      file: consumer,
      name: 'reads from the beginning, creates no topic, and lets kafkajs neither resolve nor commit',
    },
    says: 'fromBeginning',
  },
  {
    guard: 'an offset is committed only after what it stands for',
    file: 'libs/kafka/src/nest/event-strategy.ts',
    edits: [['await handler.deliver(deliveries);', 'void handler.deliver(deliveries).catch(() => undefined);']],
    check: {
      file: 'libs/kafka/src/nest/event-strategy.spec.ts',
      name: 'passes a failure of the handler on to the driver, which tries again',
    },
    says: 'resolved instead of rejected',
  },
  {
    guard: 'what could not be handled comes again',
    file: 'libs/kafka/src/driver/partition-work.ts',
    edits: [['if (error === undefined) return true;', 'if (error === undefined || attempt === 0) return true;']],
    check: { file: work, name: 'is tried again when onBatch rejects with undefined' },
    says: 'toBe',
  },
  {
    guard: 'no offset moves over what was under way when the consumer was stopped',
    file: 'libs/kafka/src/driver/consumer.ts',
    edits: [['if (!handled || !ours()) return;', 'if (handled && !ours()) return;']],
    check: {
      file: 'libs/kafka/test/consume.int.spec.ts',
      name: 'do not move over what was being handled when the consumer was stopped',
    },
    says: 'toBe',
  },
  {
    guard: 'nothing is committed in a generation that came since',
    file: 'libs/kafka/src/driver/consumer.ts',
    edits: [['const ours = () => generation === this.#generation && ', 'const ours = () => generation > 0 && ']],
    check: { file: consumer, name: 'resolves nothing that was handled in a generation that is over' },
    says: 'toEqual',
  },
  {
    guard: 'what was taken away is left to its new owner to commit',
    file: 'libs/kafka/src/driver/offset-commits.ts',
    edits: [
      ['if (assignment[topic]?.includes(partition) !== true) this', "if (topic in assignment && key === '') this"],
    ],
    check: {
      file: 'libs/kafka/src/driver/offset-commits.spec.ts',
      name: 'leaves to others the partitions that were taken away',
    },
    says: 'toEqual',
  },
  {
    guard: 'no exception reaches kafkajs: it would stop for good',
    file: 'libs/kafka/src/driver/consumer.ts',
    edits: [
      [
        `.catch((error: unknown) => {
      this.reach.log('error', \`kafka: a fetch failed: \${lineOf(error)}\`);
    });
    this.#busy`,
        `;
    this.#busy`,
      ],
    ],
    check: { file: consumer, name: 'lets no exception reach kafkajs, not even from kafkajs itself' },
    says: 'no such topic',
  },
  {
    guard: 'a consumer that will not come back ends the process',
    file: 'libs/kafka/src/driver/consumer.ts',
    edits: [['    else this.subscription.onFatal(error);\n', '']],
    check: { file: consumer, name: 'ends the process when kafkajs will not restart' },
    says: 'toEqual',
  },
  {
    guard: 'an attempt that was given up is over before the next one begins',
    file: 'libs/kafka/src/driver/partition-work.ts',
    edits: [['      await this.#turn(work, over);\n', '']],
    check: { file: work, name: 'does not start again before the abandoned attempt has ended' },
    says: 'toHaveLength',
  },
  {
    guard: 'heartbeats go on while work takes long',
    file: 'libs/kafka/src/driver/partition-work.ts',
    edits: [['await work.heartbeat();', 'await Promise.resolve();']],
    check: { file: work, name: 'sends heartbeats meanwhile, and is abandoned when one fails' },
    says: 'Exceeded timeout',
  },
  {
    guard: 'one request is in flight, in the order of the calls',
    file: 'libs/kafka/src/driver/publisher.ts',
    edits: [['this.#last.then(() => this.#send(records))', 'this.#send(records)']],
    check: { file: 'libs/kafka/test/setup.int.spec.ts', name: 'keeps the order of calls that overlap' },
    says: 'toEqual',
  },
  {
    guard: 'the producer is not kafkajs’ idempotent one, and none that failed is used again',
    file: 'libs/kafka/src/driver/publisher.ts',
    edits: [
      ['idempotent: false', 'idempotent: true'],
      ['      void this.#retire();\n', ''],
    ],
    check: {
      file: 'libs/kafka/test/lost-answers.int.spec.ts',
      name: 'are all in the log after the answer to the record before them was lost',
    },
    says: 'toEqual',
  },
  {
    guard: 'header and record agree on the id',
    file: 'libs/kafka/src/codec/event-codec.ts',
    edits: [['if (id.toString() !== event.id)', 'if (id.length === 0)']],
    check: { file: codec, name: 'header_mismatch: another ce_id' },
    says: 'toBe',
  },
  {
    guard: 'key and subject agree: an event of one order cannot travel as that of another',
    file: 'libs/kafka/src/codec/event-codec.ts',
    edits: [['if (record.key?.toString() !== event.subject)', 'if (event.subject.length === 0)']],
    check: { file: codec, name: 'header_mismatch: another key' },
    says: 'toBe',
  },
  {
    guard: 'an event is believed only from the service that owns it',
    file: 'libs/kafka/src/codec/event-rules.ts',
    edits: [['if (event.source !== owner)', 'if (event.source.length === owner.length + 99)']],
    check: { file: codec, name: 'wrong_source: {"source":"payments"}' },
    says: 'toBe',
  },
  {
    guard: 'an array cannot ask for more memory than it has bytes',
    file: 'libs/kafka/src/codec/avro.ts',
    edits: [['if (seen + count > MAX_ELEMENTS)', 'if (seen + count > 2 ** 27)']],
    check: { file: codec, name: 'undecodable: more than 100 lines' },
    says: 'toBe',
  },
  {
    guard: 'a registry that is away is not blamed on the message',
    file: 'libs/kafka/src/codec/event-codec.ts',
    edits: [['if (!(error instanceof UnknownSchema)) throw error;', 'if (!(error instanceof Error)) throw error;']],
    check: { file: codec, name: 'is a transient error, and the schema is looked up again' },
    says: 'expect',
  },
  {
    guard: 'a registry is not asked for each of many bad records',
    file: 'libs/kafka/src/codec/event-codec.ts',
    edits: [['const UNKNOWN_MS = 5_000;', 'const UNKNOWN_MS = 0;']],
    check: { file: codec, name: 'is looked up once in a while when it is unknown, however many records carry it' },
    says: 'toBe',
  },
  {
    guard: 'a record with very many headers costs no more than its bytes',
    file: 'libs/kafka/src/driver/patches/header-guard.ts',
    edits: [['    if (times === 0) continue;\n', '']],
    check: {
      file: 'libs/kafka/src/driver/patches/header-guard.spec.ts',
      name: 'reads a record with 5,000 headers in linear time',
    },
    says: 'toBeLessThan',
  },
];
