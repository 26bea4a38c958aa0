import type { JournalEvent } from '@orderflow/console-api';
import { type EventType, eventSchemas, isEventType } from '@orderflow/contracts';
import { countOf } from '../../words/format.js';
import css from './EventData.module.css';

const OPEN_UP_TO = 12;

/** The data of an event as it was decoded, with what the schema says about each field. */
export function EventData({ event }: { event: JournalEvent }) {
  const docs = isEventType(event.type) ? docsOf(event.type) : new Map<string, string>();
  return (
    <>
      <p className={css.about}>
        {isEventType(event.type) && schemaDoc(event.type)} Version {event.schemaVersion}. Fields that are confidential
        are left out.
      </p>
      <Fields value={event.data} docs={docs} />
    </>
  );
}

interface SchemaPart {
  readonly doc?: string;
  readonly fields: readonly { readonly name: string; readonly doc?: string }[];
}

const schemaOf = (type: EventType): SchemaPart => eventSchemas[type].schema as SchemaPart;
const schemaDoc = (type: EventType): string => schemaOf(type).doc ?? '';
const docsOf = (type: EventType): ReadonlyMap<string, string> =>
  new Map(schemaOf(type).fields.flatMap(({ name, doc }) => (doc === undefined ? [] : [[name, doc]])));

const noDocs = new Map<string, string>();

function Fields({ value, docs = noDocs }: { value: object; docs?: ReadonlyMap<string, string> }) {
  const entries = Object.entries(value as Record<string, unknown>);
  if (entries.length === 0) return <p className={css.none}>It has no fields.</p>;
  return (
    <dl className={css.fields}>
      {entries.map(([name, it]) => (
        <div key={name}>
          <dt>
            <bdi>{name}</bdi>
          </dt>
          <dd>
            <Value value={it} />
            {docs.has(name) && <p className={css.doc}>{docs.get(name)}</p>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Any JSON, as text: what is in an event never becomes markup. */
function Value({ value }: { value: unknown }) {
  if (Array.isArray(value)) {
    return (
      <details open={value.length <= OPEN_UP_TO}>
        <summary>{countOf(value.length, 'entry', 'entries')}</summary>
        <ol className={css.entries}>
          {value.map((it: unknown, index) => (
            <li key={index}>
              <Value value={it} />
            </li>
          ))}
        </ol>
      </details>
    );
  }
  if (typeof value === 'object' && value !== null) return <Fields value={value} />;
  if (typeof value === 'string') return <bdi className={css.text}>{value === '' ? '“”' : value}</bdi>;
  return <code>{JSON.stringify(value)}</code>;
}
