import type { Service } from '@orderflow/contracts';
import { judged, nothing, type Rule } from './rule.ts';

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

type StreamRule = Rule<StreamFacts>;

const subjectOf = ({ orderId }: StreamFacts): string => orderId;

const textOf = ({ source, sequences }: StreamFacts): string => `${source}: ${sequences.join(', ') || 'no event'}`;

const isRepeating = ({ sequences }: StreamFacts): boolean => new Set(sequences).size < sequences.length;

const once: StreamRule = {
  id: 'log-once',
  rule: 'no two events of a source and order have the same number',
  subjectOf,
  judge(facts) {
    const events = facts.sequences.length;
    const figures = { expected: { events }, found: { numbers: new Set(facts.sequences).size } };
    return judged(!isRepeating(facts), figures, { expected: 'each number once', found: textOf(facts) });
  },
};

const ordered: StreamRule = {
  id: 'log-order',
  rule: 'the events of a source and order are in the log in their order, without a gap',
  subjectOf,
  judge(facts) {
    if (isRepeating(facts)) return nothing;
    const { sequences } = facts;
    const holds = sequences.every((sequence, index) => sequence === index + 1);
    const figures = { expected: { streams: 1 }, found: { ordered: holds ? 1 : 0 } };
    return judged(holds, figures, { expected: '1, 2, 3 ...', found: textOf(facts) });
  },
};

const complete: StreamRule = {
  id: 'log-complete',
  rule: 'the log has as many events as the source published',
  subjectOf,
  judge(facts) {
    const { source, published, sequences } = facts;
    const figures = { expected: { published }, found: { logged: sequences.length } };
    const broken = { expected: `${published} of ${source}`, found: `${sequences.length}` };
    return judged(sequences.length === published, figures, broken);
  },
};

const recorded: StreamRule = {
  id: 'log-recorded',
  rule: 'every recorded event is in the log',
  subjectOf,
  judge: ({ missing }) =>
    judged(
      missing.length === 0,
      { expected: { missing: 0 }, found: { missing: missing.length } },
      { expected: 'all', found: `without ${missing.join(', ')}` },
    ),
};

/** Rules about one stream of events, once its outbox is drained. */
export const streamRules: readonly StreamRule[] = [once, ordered, complete, recorded];
