import type { Service } from '@orderflow/contracts';
import { judged, nothing, rulesAbout } from './rule.ts';

/** The events of one order by one service, as the log has them and as the service recorded them. */
export interface StreamFacts {
  readonly source: Service;
  readonly orderId: string;
  /** `sequence` of each event, where it first appears in the log. Copies behind the first are left out. */
  readonly sequences: readonly number[];
  /** How many events the service counted. */
  readonly published: number;
  /** Ids of recorded events that the log lacks. */
  readonly missing: readonly string[];
}

const streamRule = rulesAbout<StreamFacts>(({ orderId }) => orderId);

const textOf = ({ source, sequences }: StreamFacts): string => `${source}: ${sequences.join(', ') || 'no event'}`;

const isRepeating = ({ sequences }: StreamFacts): boolean => new Set(sequences).size < sequences.length;

/** Rules about one stream of events, once its outbox is drained. */
export const streamRules = [
  streamRule('log-once', 'no two events of a source and order have the same number', (facts) => {
    const broken = { expected: 'each number once', found: textOf(facts) };
    return judged(
      !isRepeating(facts),
      { events: facts.sequences.length },
      { numbers: new Set(facts.sequences).size },
      broken,
    );
  }),
  streamRule('log-complete', 'the log has all events of a source and order, in their order', (facts) => {
    if (isRepeating(facts)) return nothing;
    const { published, sequences } = facts;
    const holds = sequences.length === published && sequences.every((sequence, index) => sequence === index + 1);
    const broken = { expected: `1 to ${published}`, found: textOf(facts) };
    return judged(holds, { published }, { logged: sequences.length }, broken);
  }),
  streamRule('log-recorded', 'every recorded event is in the log', ({ missing }) => {
    const broken = { expected: 'all', found: `without ${missing.join(', ')}` };
    return judged(missing.length === 0, { missing: 0 }, { missing: missing.length }, broken);
  }),
];
