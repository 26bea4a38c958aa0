import type { Service } from '@orderflow/contracts';
import { type EventType, eventOwners } from './owners.js';
import { Glyph, glyphOf } from '../pages/order/lanes/Glyph.js';
import { laneColour } from '../words/services.js';
import css from './MiniStory.module.css';

interface Props {
  /** Types of the events, in the order in which they were heard. */
  readonly told: readonly string[];
  /** The service that owes the next answer. */
  readonly waitsFor: Service | null;
}

/** The lanes of an order in one line: a glyph for each event, a hollow one for what is owed. */
export const MiniStory = ({ told, waitsFor }: Props) => (
  <span className={css.story} role="img" aria-label={label(told, waitsFor)}>
    {told.map((type, index) => (
      <i key={index} style={{ color: laneColour(eventOwners[type as EventType] ?? '') }}>
        <Glyph kind={glyphOf(type)} size={13} />
      </i>
    ))}
    {waitsFor !== null && (
      <i style={{ color: laneColour(waitsFor) }}>
        <Glyph kind="owed" size={13} />
      </i>
    )}
  </span>
);

const label = (told: readonly string[], waitsFor: Service | null): string =>
  [...told, ...(waitsFor === null ? [] : [`${waitsFor} owes an answer`])].join(', then ');
