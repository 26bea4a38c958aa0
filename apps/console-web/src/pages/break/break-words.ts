import type { BrokenPart } from '@orderflow/console-api';
import type { Tone } from '../../ui/parts.js';
import { countOf, durationOf } from '../../words/format.js';

interface Words {
  readonly tone: Tone;
  readonly tag: string;
  readonly text: string;
}

/** How a part of the outside world stands. @param now in milliseconds, by the clock of the console */
export function standingWords({ isBroken, since, until, healing }: BrokenPart, now: number): Words {
  if (isBroken) return { tone: 'no', tag: 'Broken', text: endWords(until, now) };
  if (healing === null || since === null || until === null)
    return { tone: 'good', tag: 'Works', text: 'Nothing was broken yet.' };
  const broken = `It was broken for ${durationOf(Date.parse(until) - Date.parse(since))}.`;
  if (healing.held === 0)
    return { tone: 'good', tag: 'Works', text: `${broken} No order was under way when it ended.` };
  const held = `${countOf(healing.held, 'order')} ${healing.held === 1 ? 'was' : 'were'} under way when it ended`;
  if (healing.waiting > 0) {
    const since_ = durationOf(Math.max(0, now - Date.parse(until)));
    return { tone: 'open', tag: 'Healing', text: `${held}, ${since_} ago: ${healing.waiting} of them still wait.` };
  }
  const took = durationOf(Math.max(0, Date.parse(healing.healedAt ?? until) - Date.parse(until)));
  return { tone: 'good', tag: 'Healed', text: `${broken} ${held}; all of them were done ${took} later.` };
}

function endWords(until: string | null, now: number): string {
  if (until === null) return 'By hand, without an end: end it here, or where it was begun.';
  const leftSeconds = Math.max(0, Math.ceil((Date.parse(until) - now) / 1000));
  return `Ends by itself in ${leftSeconds} s.`;
}
