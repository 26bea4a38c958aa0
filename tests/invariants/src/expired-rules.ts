import type { Service } from '@orderflow/contracts';
import { judgedNone, rulesAbout } from './rule.ts';

/** Records of one partition that expired before a consumer group had consumed them, and that no operator has acknowledged. */
export interface ExpiredFacts {
  readonly service: Service;
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  /** Offsets in decimal digits: from `first` on, before `next`. */
  readonly first: string;
  readonly next: string;
  /** When the group went on after them. */
  readonly foundAt: Date;
}

const expiredRule = rulesAbout<ExpiredFacts>(({ service, topic, partition }) => `${service}, ${topic}/${partition}`);

/** Rules about records that a consumer group has jumped over. */
export const expiredRules = [
  expiredRule('expired', 'no record expired before it was consumed', ({ consumer, first, next, foundAt }) => {
    const records = Number(BigInt(next) - BigInt(first));
    const last = BigInt(next) - 1n;
    return judgedNone('records', records, {
      expected: 'consumed, or acknowledged by an operator',
      found: `${consumer} has not consumed ${first} to ${last} (${records}), as it found on ${foundAt.toISOString()}`,
    });
  }),
];
