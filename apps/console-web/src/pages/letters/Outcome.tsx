import type { Letter, LetterOutcome } from '@orderflow/console-api';
import { Link } from '@tanstack/react-router';
import type { Deed } from '../../search-params.js';
import { Actions, Button } from '../../ui/parts.js';
import { shortId } from '../../words/format.js';
import { outcomeInWords } from '../../words/letters.js';
import { visible } from '../../words/visible.js';
import css from './Dialog.module.css';
import { nameOf, progressOf } from './selection.js';

const SHOWN = 5;

interface Props {
  readonly deed: Deed;
  readonly outcome: LetterOutcome;
  readonly letters: readonly Letter[];
  /** What the list shows now. */
  readonly known: readonly Letter[];
  readonly onClose: () => void;
}

/** What was done, what was not and why, and what becomes of it. */
export function Outcome({ deed, outcome, letters, known, onClose }: Props) {
  const done = outcome.items.filter((item) => item.outcome === 'done').map((item) => item.letter);
  const notDone = outcome.items.filter((item) => item.outcome !== 'done');
  const names = new Set(done.map(nameOf));
  const orders = new Set(
    letters.flatMap((letter) => (names.has(nameOf(letter)) && letter.orderId ? [letter.orderId] : [])),
  );
  const { handled, underWay, deadAgain } = progressOf(done, known);
  return (
    <>
      <p role="status" className={css.sum}>
        <strong>{outcomeInWords(outcome)}</strong>
      </p>
      {deed === 'retry' && done.length > 0 && (
        <p>
          Of the {done.length} so far: {handled} handled, {underWay} under way, {deadAgain} dead again.
        </p>
      )}
      {notDone.length > 0 && (
        <ul className={css.list}>
          {notDone.slice(0, SHOWN).map(({ letter, outcome: what, detail }) => (
            <li key={nameOf(letter)}>
              <bdi>
                {nameOf(letter)}: {what}. {visible(detail ?? '')}
              </bdi>
            </li>
          ))}
          {notDone.length > SHOWN && <li>and {notDone.length - SHOWN} more</li>}
        </ul>
      )}
      {orders.size > 0 && (
        <p>
          {orders.size === 1 ? 'Its order' : `${orders.size} orders`}:{' '}
          {[...orders].slice(0, SHOWN).map((orderId) => (
            <span key={orderId}>
              <Link to="/orders/$orderId" params={{ orderId }}>
                {visible(shortId(orderId))}
              </Link>{' '}
            </span>
          ))}
          {deed === 'discard' && 'An order that is still placed can be cancelled on its page.'}
        </p>
      )}
      <Actions>
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      </Actions>
    </>
  );
}
