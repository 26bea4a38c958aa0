import {
  type Event,
  type EventType,
  eventSchemas,
  eventsOf,
  isEventType,
  type Service,
  subjectKindOf,
  topicOf,
} from '@orderflow/contracts';
import type { Patience } from '@orderflow/config';
import type { RawRecord } from '../broker.js';
import { BadRecord, UnknownSchema } from '../errors.js';
import type { SchemaRegistry } from '../registry/schema-registry.js';
import { resolveSchemas, type SchemaResolver } from '../registry/resolve-schemas.js';
import { envelopeSchema } from './envelope-schema.js';
import { checkEvent } from './event-rules.js';
import { FRAME_BYTES, schemaIdOf, writeFrame } from './framing.js';
import { currentType, type Reader, readerOf } from './readers.js';
import { SPECVERSION } from './record-headers.js';

export interface EventCodecOptions {
  readonly registry: Pick<SchemaRegistry, 'schemaById'> & SchemaResolver;
  /** The service whose events are encoded; without it events are decoded only. */
  readonly service?: Service;
  /** Register missing schemas; otherwise a missing schema stops the start. */
  readonly autoRegister: boolean;
  /** Prefix of every topic name. */
  readonly prefix?: string;
  /** With a registry that cannot be reached (30 s). */
  readonly patience?: Patience;
}

// How long an unknown schema id is not looked up again. Otherwise each of a thousand bad records would wait for an answer of
// its own, and every record behind them too. A record parked for it is retried after seconds, later after minutes.
// guard: the registry is not called for each undecodable record
const UNKNOWN_MS = 5_000;
const MOST_UNKNOWN = 1_000;

/** Encodes and decodes events: Confluent framing around Avro, resolved to the newest schemas in contracts. */
export class EventCodec {
  readonly #readers = new Map<number, Reader>();
  readonly #pending = new Map<number, Promise<Reader>>();
  /** Time of the next lookup (`performance.now()`), by id. */
  readonly #unknown = new Map<number, number>();
  // Reused: encoded events are copied out of it. It grows to the size of the largest event.
  #scratch = Buffer.allocUnsafe(4096);

  private constructor(
    readonly service: Service | undefined,
    private readonly registry: Pick<SchemaRegistry, 'schemaById'>,
    private readonly ids: ReadonlyMap<EventType, number>,
    private readonly prefix: string,
  ) {
    // What this service writes it can read without the registry, which may be away at its start.
    for (const [type, id] of ids) this.#readers.set(id, readerOf(JSON.stringify(envelopeSchema(type))));
  }

  /**
   * Resolves the schemas of the events that the service publishes.
   * @throws RegistrySetupError when the registry refuses a schema (named with its rule), lacks one, or cannot be reached in time
   */
  static async start(options: EventCodecOptions): Promise<EventCodec> {
    const { registry, service, autoRegister, prefix = '', patience = { withinMs: 30_000 } } = options;
    const published = service === undefined ? [] : eventsOf(service);
    const ids = await resolveSchemas(registry, published, autoRegister, patience);
    return new EventCodec(service, registry, ids, prefix);
  }

  /**
   * Framed bytes of an event of this service.
   * @throws Error when another service owns the event, or the data does not match its schema
   * @throws BadRecord when it violates a rule by which every reader would refuse it
   */
  encode(event: Event): Buffer {
    const id = this.ids.get(event.type);
    if (id === undefined) throw new Error(`${this.service ?? 'a reader'} does not publish ${event.type}`);
    if (event.schemaVersion !== eventSchemas[event.type].version)
      throw new Error(`${event.type} is written as ${eventSchemas[event.type].version}, not ${event.schemaVersion}`);
    const type = currentType(event.type);
    // A negative result is the number of missing bytes.
    let end = type.encode(event, this.#scratch, FRAME_BYTES);
    if (end < 0) {
      this.#scratch = Buffer.allocUnsafe((this.#scratch.length - end) * 2);
      end = type.encode(event, this.#scratch, FRAME_BYTES);
    }
    checkEvent(event);
    writeFrame(this.#scratch, id);
    return Buffer.from(this.#scratch.subarray(0, end));
  }

  /**
   * The event in a record, its UUIDs in lower case: at once where its schema is cached, else after the registry has answered.
   * @param prefix of the topic's name; the codec's own by default
   * @throws BadRecord (thrown or rejected) when no retry can succeed
   * @throws TransientError (rejected) when the registry is away
   */
  decode(record: RawRecord, prefix: string = this.prefix): Event | Promise<Event> {
    const header = record.headers['ce_type'];
    if (header === undefined) return this.#refuse(record.value);
    const type = typeOf(header);
    if (record.topic !== prefix + topicOf(type))
      throw new BadRecord('wrong_topic', `${type} does not belong to this topic`);
    const id = schemaIdOf(record.value);
    if ((this.#unknown.get(id) ?? 0) > performance.now()) throw unknownSchema(new UnknownSchema(id));
    const reader = this.#readers.get(id);
    return reader === undefined
      ? this.#lookUp(id).then((fetched) => read(fetched, type, record))
      : read(reader, type, record);
  }

  /** Of a record without ce_type the schema alone tells whether it was meant to be an event of this system. */
  async #refuse(value: Buffer | null): Promise<never> {
    const reader = await this.#readerFor(value).catch((error: unknown) => {
      if (!(error instanceof BadRecord)) throw error;
      throw new BadRecord('foreign', `no ce_type, and ${error.detail}`);
    });
    if (reader.type === undefined) throw new BadRecord('foreign', 'no ce_type, and a schema of another system');
    throw new BadRecord('header_missing', 'ce_type is missing, given twice or too long');
  }

  async #readerFor(value: Buffer | null): Promise<Reader> {
    const id = schemaIdOf(value);
    if ((this.#unknown.get(id) ?? 0) > performance.now()) throw unknownSchema(new UnknownSchema(id));
    return this.#readers.get(id) ?? this.#lookUp(id);
  }

  #lookUp(id: number): Promise<Reader> {
    const pending = this.#pending.get(id) ?? this.#fetch(id).finally(() => this.#pending.delete(id));
    this.#pending.set(id, pending);
    return pending;
  }

  async #fetch(id: number): Promise<Reader> {
    try {
      // The schema of an id never changes; an unknown id may be registered later.
      const reader = readerOf(await this.registry.schemaById(id));
      this.#readers.set(id, reader);
      return reader;
    } catch (error) {
      // guard: a registry that is away is not blamed on the message
      if (!(error instanceof UnknownSchema)) throw error;
      if (this.#unknown.size >= MOST_UNKNOWN) this.#unknown.clear();
      this.#unknown.set(id, performance.now() + UNKNOWN_MS);
      throw unknownSchema(error);
    }
  }
}

const unknownSchema = ({ message }: UnknownSchema): BadRecord => new BadRecord('unknown_schema', message);

function typeOf(header: Buffer): EventType {
  const type = header.toString();
  if (!isEventType(type)) throw new BadRecord('unknown_type', 'ce_type is not a known event type');
  return type;
}

// A UUID in lower case, as PostgreSQL returns it: in capitals it would match no row. A SKU is another one in capitals.
const subjectOf = (type: EventType, subject: string): string =>
  subjectKindOf(type) === 'product' ? subject : subject.toLowerCase();

function read(reader: Reader, type: EventType, record: RawRecord): Event {
  const written = reader.read(record.value as Buffer);
  if (reader.type !== type) throw new BadRecord('schema_mismatch', `the record was written as ${reader.type}`);
  const event = { ...written, id: written.id.toLowerCase(), subject: subjectOf(type, written.subject) };
  const { ce_id: id, ce_source: source, ce_specversion: version } = record.headers;
  if (id === undefined) throw new BadRecord('header_missing', 'ce_id is missing, given twice or too long');
  if (event.type !== type) throw new BadRecord('header_mismatch', 'ce_type and type differ');
  // guard: header and record agree on the id
  if (id.toString().toLowerCase() !== event.id) throw new BadRecord('header_mismatch', 'ce_id and id differ');
  // Records of earlier versions of this system lack these two.
  if (source !== undefined && source.toString() !== event.source)
    throw new BadRecord('header_mismatch', 'ce_source and source differ');
  if (version !== undefined && version.toString() !== SPECVERSION)
    throw new BadRecord('header_mismatch', `ce_specversion is not ${SPECVERSION}`);
  // guard: key and subject agree: an event of one order cannot travel as that of another
  if (subjectOf(type, record.key?.toString() ?? '') !== event.subject)
    throw new BadRecord('header_mismatch', 'key and subject differ');
  checkEvent(event);
  return event;
}
