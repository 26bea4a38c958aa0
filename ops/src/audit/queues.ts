import { services } from '@orderflow/contracts';
import type { QueueFacts } from '@orderflow/invariants';
import type { Reader } from './database-reader.ts';

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

/** The queues of one service, and the first events that it parked. */
export type Queues = QueueFacts & { parkedRows: ParkedRow[] };

const MOST_SHOWN = 100;

const QUEUES = `
  SELECT (SELECT count(*) FROM outbox
          WHERE rejected_at IS NULL AND created_at < now() - interval '10 seconds')::int AS unsent,
         (SELECT count(*) FROM outbox WHERE rejected_at IS NOT NULL)::int AS rejected,
         (SELECT count(*) FROM parked)::int AS parked,
         (SELECT count(*)
          FROM (SELECT DISTINCT ON (consumer, subject) dead_at, next_attempt_at
                FROM parked ORDER BY consumer, subject, id) AS head
          WHERE dead_at IS NULL AND next_attempt_at < now() - interval '60 seconds')::int AS forgotten`;

const PARKED = `
  SELECT consumer, subject, topic, partition, "offset"::text AS offset, reason, attempts, dead_at IS NOT NULL AS dead
  FROM parked ORDER BY id LIMIT ${MOST_SHOWN}`;

export const readQueues = async (reader: Reader): Promise<Queues[]> =>
  Promise.all(
    services.map(async (service) => {
      const [counts] = await reader.rows<Omit<QueueFacts, 'service'>>(service, QUEUES);
      return { service, ...counts!, parkedRows: await reader.rows<ParkedRow>(service, PARKED) };
    }),
  );
