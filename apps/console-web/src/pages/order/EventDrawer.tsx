import type { JournalEvent } from '@orderflow/console-api';
import { Link } from '@tanstack/react-router';
import { useStore } from '../../live/store.js';
import { zone } from '../../shell/settings.js';
import css from '../../ui/Drawer.module.css';
import { Button } from '../../ui/parts.js';
import { useDrawer } from '../../ui/useDrawer.js';
import { wordsOf } from '../../words/event-words.js';
import { instantOf } from '../../words/format.js';
import { laneColour } from '../../words/services.js';
import { EventData } from './EventData.js';
import { EventRecord } from './EventRecord.js';
import { Glyph, glyphOf } from './lanes/Glyph.js';
import { changesBy, momentOf } from './moment.js';

interface Props {
  readonly event: JournalEvent;
  readonly all: readonly JournalEvent[];
  readonly tab: 'data' | 'record' | undefined;
  /** It covers the page: its title is then the first heading. */
  readonly isCovering: boolean;
  readonly onClose: () => void;
  readonly onSelect: (id: string) => void;
}

const tabs = [
  { tab: undefined, words: 'In words' },
  { tab: 'data', words: 'Data' },
  { tab: 'record', words: 'Record' },
] as const;

/** One event. It lies beside the page, which stays in use. */
export default function EventDrawer({ event, all, tab, isCovering, onClose, onSelect }: Props) {
  const Title = isCovering ? 'h1' : 'h2';
  const drawer = useDrawer();
  const shown = useStore(zone);
  return (
    <aside ref={drawer} className={css.drawer} tabIndex={-1} aria-label={`Event ${event.type}`}>
      <div className={css.head}>
        <div>
          <Title className={css.title}>
            <span className={css.glyph} style={{ ['--lane' as string]: laneColour(event.source) }}>
              <Glyph kind={glyphOf(event.type)} />
            </span>
            {event.type}
          </Title>
          <p>
            {event.source}, {instantOf(event.appendedAt, shown)}
          </p>
        </div>
        <Button look="quiet" icon="cross" aria-label="Close the event" onClick={onClose} />
      </div>
      <nav className={css.tabs} aria-label="Views of the event">
        {tabs.map(({ tab: name, words }) => (
          <Link
            key={words}
            to="."
            search={(before) => ({ ...before, tab: name })}
            replace
            resetScroll={false}
            activeOptions={{ exact: true, includeSearch: true }}
          >
            {words}
          </Link>
        ))}
      </nav>
      <div className={css.body} tabIndex={0} role="region" aria-label="The event">
        {tab === undefined && <InWords event={event} all={all} isCovering={isCovering} onSelect={onSelect} />}
        {tab === 'data' && <EventData event={event} />}
        {tab === 'record' && <EventRecord event={event} />}
      </div>
    </aside>
  );
}

const said = (value: string | number | boolean | null): string =>
  value === null ? 'nothing' : value === true ? 'yes' : value === false ? 'no' : String(value).replaceAll('_', ' ');

const fieldWords = { cancelReason: 'reason', payment: 'money' } as const;

function InWords({ event, all, isCovering, onSelect }: Omit<Props, 'tab' | 'onClose'>) {
  const Heading = isCovering ? 'h2' : 'h3';
  const changes = changesBy(event, all);
  const { edges } = momentOf(all, undefined);
  const causes = edges.filter(({ to, kind }) => to === event.id && kind !== 'undoes');
  const effects = edges.filter(({ from, kind }) => from === event.id && kind === 'caused');
  const undone = edges.filter(({ from, kind }) => from === event.id && kind === 'undoes');
  const related = (title: string, ids: readonly string[]) =>
    ids.length > 0 && (
      <>
        <Heading>{title}</Heading>
        <ul className={css.related}>
          {ids.map((id) => (
            <li key={id}>
              <button type="button" onClick={() => onSelect(id)}>
                {all.find((it) => it.id === id)?.type}
              </button>
            </li>
          ))}
        </ul>
      </>
    );
  return (
    <>
      <p className={css.words}>
        <bdi>{wordsOf(event)}</bdi>
      </p>
      <Heading>What it changed</Heading>
      <ul className={css.changes}>
        {changes.map(({ field, from, to }) => (
          <li key={field}>
            {field in fieldWords ? fieldWords[field as keyof typeof fieldWords] : field}: {said(from)} →{' '}
            <b>{said(to)}</b>
          </li>
        ))}
        {changes.length === 0 && <li>nothing that the view of an order shows</li>}
      </ul>
      {related(
        'Because of',
        causes.map(({ from }) => from),
      )}
      {related(
        'Takes back',
        undone.map(({ to }) => to),
      )}
      {related(
        'It caused',
        effects.map(({ to }) => to),
      )}
    </>
  );
}
