import type { Service } from '@orderflow/contracts';
import { judged, judgedNone, nothing, rulesAbout } from './rule.ts';

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

const numbersOf = ({ sequences }: StreamFacts): number => new Set(sequences).size;

/** Rules about one stream of events, once its outbox is drained. */
export const streamRules = [
  streamRule('log-once', 'no two events of a source and order have the same number', (facts) => {
    const [events, numbers] = [facts.sequences.length, numbersOf(facts)];
    return judged(events === numbers, { events }, { numbers }, { expected: 'each number once', found: textOf(facts) });
  }),
  streamRule('log-complete', 'the log has all events of a source and order, in their order', (facts) => {
    const { published, sequences } = facts;
    const logged = sequences.length;
    // A repeated number breaks the rule `log-once`.
    if (numbersOf(facts) < logged) return nothing;
    const holds = logged === published && sequences.every((sequence, index) => sequence === index + 1);
    return judged(holds, { published }, { logged }, { expected: `1 to ${published}`, found: textOf(facts) });
  }),
  streamRule('log-recorded', 'every recorded event is in the log', ({ missing }) =>
    judgedNone('missing', missing.length, { expected: 'all', found: `without ${missing.join(', ')}` }),
  ),
];
