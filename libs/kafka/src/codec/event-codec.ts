import {
  type Event,
  type EventType,
  eventSchemas,
  eventsOf,
  isEventType,
  type Service,
  topicOf,
} from '@orderflow/contracts';
import type { RawRecord } from '../broker.js';
import { BadRecord, UnknownSchema } from '../errors.js';
import type { SchemaRegistry } from '../registry/schema-registry.js';
import { resolveSchemas } from '../registry/resolve-schemas.js';
import { checkEvent } from './event-rules.js';
import { FRAME_BYTES, schemaIdOf, writeFrame } from './framing.js';
import { currentType, type Reader, readerOf } from './readers.js';

export interface EventCodecOptions {
  readonly registry: Pick<SchemaRegistry, 'register' | 'idOf' | 'schemaById'>;
  /** Whose events are written. */
  readonly service: Service;
  /** Register schemas that are not there yet; otherwise a missing one stops the start. */
  readonly autoRegister: boolean;
  /** Before every topic name. */
  readonly prefix?: string;
  /** How long an absent registry is waited for, ms. */
  readonly reachTimeoutMs?: number;
}

// So long an id that nobody gave is not asked for again: of a thousand bad records each would else wait for an answer of its
// own, and all that is behind them with it. What is parked for it is read again by the second, and then by the minute.
const UNKNOWN_MS = 5_000;
const MOST_UNKNOWN = 1_000;

/** Events to bytes and back: Confluent framing around Avro, resolved to the newest schemas in contracts. */
export class EventCodec {
  readonly #readers = new Map<number, Reader>();
  readonly #asked = new Map<number, Promise<Reader>>();
  /** Until when, by id. */
  readonly #unknown = new Map<number, number>();
  // Reused: what is encoded is copied out of it. It grows to the largest event.
  #scratch = Buffer.allocUnsafe(4096);

  private constructor(
    readonly service: Service,
    private readonly registry: Pick<SchemaRegistry, 'schemaById'>,
    private readonly ids: ReadonlyMap<EventType, number>,
    private readonly prefix: string,
  ) {}

  /**
   * Resolves the schemas of what the service says.
   * @throws RegistrySetupError when the registry refuses one (named with its rule), lacks one, or is not there (30 s)
   */
  static async start(options: EventCodecOptions): Promise<EventCodec> {
    const { registry, service, autoRegister, prefix = '', reachTimeoutMs = 30_000 } = options;
    const ids = await resolveSchemas(registry, eventsOf(service), autoRegister, reachTimeoutMs);
    return new EventCodec(service, registry, ids, prefix);
  }

  /**
   * Framed bytes of an event of this service.
   * @throws Error when another service says it, or the data does not fit its schema
   * @throws BadRecord when it breaks a bound: every reader would refuse it
   */
  encode(event: Event): Buffer {
    const id = this.ids.get(event.type);
    if (id === undefined) throw new Error(`${this.service} does not say ${event.type}`);
    if (event.schemaVersion !== eventSchemas[event.type].version)
      throw new Error(`${event.type} is written as ${eventSchemas[event.type].version}, not ${event.schemaVersion}`);
    const type = currentType(event.type);
    // Below zero is how many bytes it lacked.
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
   * The event in a record, at once where its schema is known, else when the registry has answered.
   * @param prefix before the topic's name; the codec's own when left out
   * @throws BadRecord (thrown or rejected) when no retry can make it readable
   * @throws TransientError (rejected) when the registry is away
   */
  decode(record: RawRecord, prefix: string = this.prefix): Event | Promise<Event> {
    const type = typeOf(record);
    if (record.topic !== prefix + topicOf(type))
      throw new BadRecord('wrong_topic', `${type} does not travel on this topic`);
    const id = schemaIdOf(record.value);
    if ((this.#unknown.get(id) ?? 0) > Date.now()) throw unknownSchema(new UnknownSchema(id));
    const reader = this.#readers.get(id);
    return reader === undefined
      ? this.#ask(id).then((fetched) => read(fetched, type, record))
      : read(reader, type, record);
  }

  #ask(id: number): Promise<Reader> {
    const asked = this.#asked.get(id) ?? this.#fetch(id).finally(() => this.#asked.delete(id));
    this.#asked.set(id, asked);
    return asked;
  }

  async #fetch(id: number): Promise<Reader> {
    try {
      // What an id means never changes; that it is unknown may.
      const reader = readerOf(await this.registry.schemaById(id));
      this.#readers.set(id, reader);
      return reader;
    } catch (error) {
      if (!(error instanceof UnknownSchema)) throw error;
      if (this.#unknown.size >= MOST_UNKNOWN) this.#unknown.clear();
      this.#unknown.set(id, Date.now() + UNKNOWN_MS);
      throw unknownSchema(error);
    }
  }
}

const unknownSchema = ({ message }: UnknownSchema): BadRecord => new BadRecord('unknown_schema', message);

function typeOf(record: RawRecord): EventType {
  const header = record.headers['ce_type'];
  if (header === undefined) throw new BadRecord('header_missing', 'ce_type is missing, given twice or too long');
  const type = header.toString();
  if (!isEventType(type)) throw new BadRecord('unknown_type', 'ce_type names no event of ours');
  return type;
}

function read(reader: Reader, type: EventType, record: RawRecord): Event {
  const event = reader.read(record.value as Buffer);
  if (reader.type !== type) throw new BadRecord('schema_mismatch', `the record was written as ${reader.type}`);
  const id = record.headers['ce_id'];
  if (id === undefined) throw new BadRecord('header_missing', 'ce_id is missing, given twice or too long');
  if (event.type !== type) throw new BadRecord('header_mismatch', 'ce_type and type differ');
  if (id.toString() !== event.id) throw new BadRecord('header_mismatch', 'ce_id and id differ');
  if (record.key?.toString() !== event.subject) throw new BadRecord('header_mismatch', 'key and subject differ');
  checkEvent(event);
  return event;
}
