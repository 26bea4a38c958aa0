import { Glyph } from './Glyph.js';
import css from './Lanes.module.css';

const Line = ({ kind }: { kind: 'caused' | 'needs' | 'undoes' }) => (
  <svg width="30" height="10" aria-hidden="true">
    <path className={css[kind]} d="M1 5H29" />
  </svg>
);

/** Only the solid arrows are recorded: the others must never look the same. */
export const Legend = () => (
  <p className={css.legend}>
    <span>
      <Line kind="caused" /> caused, as recorded in the event
    </span>
    <span>
      <Line kind="needs" /> also needed, by the saga table
    </span>
    <span>
      <Line kind="undoes" /> takes back, by the saga table
    </span>
    <span>
      <Glyph kind="owed" size={14} /> owed
    </span>
  </p>
);
