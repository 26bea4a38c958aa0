import type { ServiceName } from '@orderflow/local';
import { owners, type Reader } from './books.ts';
import type { Rule } from './finding.ts';

/** What a service has still to send, and what it could not handle. */
export interface Waiting {
  service: ServiceName;
  /** Outbox rows that are older than a healthy relay lets them be. */
  unsent: number;
  rejected: number;
  /** All that is parked, and of it the first ones. */
  parkedCount: number;
  parked: ParkedRow[];
  /** Heads of queues that nobody tries again although it is time, and that are no dead letters either. */
  forgotten: number;
}

export interface ParkedRow {
  consumer: string;
  subject: string;
  topic: string;
  partition: number;
  offset: string;
  reason: string;
  attempts: number;
  dead: boolean;
}

const MOST_SHOWN = 100;

const WAITING = `
  SELECT (SELECT count(*) FROM outbox
          WHERE rejected_at IS NULL AND created_at < now() - interval '10 seconds')::int AS unsent,
         (SELECT count(*) FROM outbox WHERE rejected_at IS NOT NULL)::int AS "rejected",
         (SELECT count(*) FROM parked)::int AS "parkedCount",
         (SELECT count(*)
          FROM (SELECT DISTINCT ON (consumer, subject) dead_at, next_attempt_at
                FROM parked ORDER BY consumer, subject, id) AS head
          WHERE dead_at IS NULL AND next_attempt_at < now() - interval '60 seconds')::int AS forgotten`;

const PARKED = `
  SELECT consumer, subject, topic, partition, "offset"::text AS offset, reason, attempts, dead_at IS NOT NULL AS dead
  FROM parked ORDER BY id LIMIT ${MOST_SHOWN}`;

export const readWaiting = async (books: Reader): Promise<Waiting[]> =>
  Promise.all(
    owners.map(async (service) => {
      const [counts] = await books.rows<Omit<Waiting, 'service' | 'parked'>>(service, WAITING);
      return { service, ...counts!, parked: await books.rows<ParkedRow>(service, PARKED) };
    }),
  );

const subjectOf = ({ service }: Waiting): string => service;

const outboxes: Rule<Waiting> = {
  id: 'outboxes',
  rule: 'outboxes are drained, and no event is set aside',
  subjectOf,
  judge({ unsent, rejected }) {
    const figures = {
      expected: { 'waiting for 10 s': 0 },
      found: { 'waiting for 10 s': unsent, 'set aside': rejected },
    };
    if (unsent + rejected === 0) return figures;
    return { ...figures, broken: { expected: 'none', found: `${unsent} waiting for 10 s, ${rejected} set aside` } };
  },
};

const parked: Rule<Waiting> = {
  id: 'parked',
  rule: 'what is parked is tried again, or is a dead letter',
  subjectOf,
  judge({ parkedCount, forgotten }) {
    const figures = { expected: { forgotten: 0 }, found: { parked: parkedCount, forgotten } };
    if (forgotten === 0) return figures;
    return {
      ...figures,
      broken: { expected: 'another try when its time has come', found: `${forgotten} overdue for 60 s` },
    };
  },
};

export const waitingRules: readonly Rule<Waiting>[] = [outboxes, parked];
