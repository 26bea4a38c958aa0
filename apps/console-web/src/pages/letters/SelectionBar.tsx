import { Button } from '../../ui/parts.js';
import { lettersInWords } from '../../words/letters.js';
import { Deeds } from './Group.js';
import css from './Letters.module.css';
import type { LettersState } from './useLetters.js';

/** What is selected, wherever the page is scrolled, and what can be done to it. */
export function SelectionBar({ page }: { page: LettersState }) {
  if (page.selected.length === 0) return null;
  return (
    <div className={css.selection} role="region" aria-label="Selection">
      <span>{lettersInWords(page.selected)} selected</span>
      <div className={css.buttons}>
        <Deeds letters={page.selected} onAsk={(deed) => page.ask(deed, 'selected')} />
        <Button look="quiet" onClick={page.clear}>
          Drop the selection <kbd>Esc</kbd>
        </Button>
      </div>
    </div>
  );
}
