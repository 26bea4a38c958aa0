import type { Letter, LetterGroup } from '@orderflow/console-api';
import { Link } from '@tanstack/react-router';
import { useStore } from '../../live/store.js';
import type { Deed } from '../../search-params.js';
import { useRefusals } from '../../session/refusals.js';
import { zone } from '../../shell/settings.js';
import { Icon } from '../../ui/icons.js';
import { Button, classes, Tag } from '../../ui/parts.js';
import { countOf, instantOf, shortId } from '../../words/format.js';
import { groupSubject, sizeOf, stateFact } from '../../words/letters.js';
import { visible } from '../../words/visible.js';
import css from './Letters.module.css';
import { deedsFor, nameOf, neededFor, takenBy } from './selection.js';
import type { LettersState } from './useLetters.js';

const deedWords: Record<Deed, string> = {
  retry: 'Retry',
  discard: 'Discard',
  settle: 'Settle',
  acknowledge: 'Acknowledge',
};

/** The actions that the letters take, each with its number; none of them does anything before it has asked. */
export function Deeds(props: { readonly letters: readonly Letter[]; readonly onAsk: (deed: Deed) => void }) {
  const { letters, onAsk } = props;
  const refusalOf = useRefusals();
  return deedsFor(letters).map((deed) => {
    const count = takenBy(deed, letters).length;
    const why = refusalOf(neededFor[deed]);
    return (
      <Button key={deed} disabled={why !== undefined} title={why} onClick={() => onAsk(deed)}>
        {deedWords[deed]}
        {letters.length > 1 && ` ${count.toLocaleString('en-GB')}`} …
      </Button>
    );
  });
}

interface Props {
  readonly group: LetterGroup;
  readonly page: LettersState;
  readonly isUnfolded: boolean;
  readonly onUnfold: () => void;
}

export function Group({ group, page, isUnfolded, onUnfold }: Props) {
  const shown = useStore(zone);
  const { key, letters, cause, oldest } = group;
  const { word, tone, icon } = stateFact(group);
  return (
    <div className={css.group}>
      <div className={css.groupHead}>
        <button
          type="button"
          className={css.fold}
          data-row={key}
          aria-expanded={isUnfolded}
          aria-controls={`letters-${key}`}
          onClick={onUnfold}
        >
          <span className={classes(css.chevron, isUnfolded && css.turned)}>
            <Icon name="forward" size={14} />
          </span>
          <span className={css.groupWords}>
            <span className={css.cause}>
              <bdi>{visible(cause) || 'without a reason'}</bdi>
            </span>
            <span className={css.about}>
              <Tag tone={tone} icon={icon}>
                {word}
              </Tag>
              <bdi>{visible(groupSubject(group))}</bdi>
              <span>{sizeOf(group)}</span>
              <span>since {instantOf(oldest, shown)}</span>
            </span>
          </span>
        </button>
        <div className={css.buttons}>
          <Deeds letters={letters} onAsk={(deed) => page.ask(deed, key)} />
        </div>
      </div>
      <ul id={`letters-${key}`} className={css.letters} hidden={!isUnfolded}>
        {isUnfolded && letters.map((letter) => <Row key={nameOf(letter)} letter={letter} page={page} />)}
      </ul>
    </div>
  );
}

function Row({ letter, page }: { letter: Letter; page: LettersState }) {
  const shown = useStore(zone);
  const name = nameOf(letter);
  const { service, kind, id, orderId, attempts, behind, reason, nextAttemptAt, since } = letter;
  const label = kind === 'event' ? `${service}/${id}` : kind === 'call' ? shortCall(id) : letter.place;
  return (
    <li className={css.row} data-selected={page.isSelected(letter)}>
      <input
        type="checkbox"
        aria-label={`Select ${service}/${id}`}
        checked={page.isSelected(letter)}
        onChange={() => page.toggle([letter])}
      />
      <Link
        to="/letters"
        search={(before) => ({ ...before, letter: name, tab: undefined })}
        replace
        resetScroll={false}
        className={css.rowLink}
        data-row={name}
      >
        <bdi className={css.name}>{visible(label ?? id)}</bdi>
        <bdi className={css.order}>{orderId === null ? '' : visible(shortId(orderId))}</bdi>
        <span className={css.soft}>{kind === 'range' ? '' : countOf(attempts, 'attempt')}</span>
        <span className={css.soft}>
          {nextAttemptAt === null ? `since ${instantOf(since, shown)}` : `next ${instantOf(nextAttemptAt, shown)}`}
        </span>
        <span className={behind > 0 ? css.behind : css.soft}>{kind === 'event' ? `${behind} behind` : ''}</span>
        <bdi className={css.reason}>{visible(reason)}</bdi>
      </Link>
    </li>
  );
}

/** `charge-0198…bad0` of the key of a call. */
const shortCall = (key: string): string => key.replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i, shortId);
