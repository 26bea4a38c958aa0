/**
 * A consumer of kafkajs 2.2.4 that its group has removed sets its member id to null and joins again. When that join fails (the
 * broker is away a second time, or an answer never comes), the consumer continues to fetch: a fetch needs no member id, and
 * its heartbeat does nothing without one. Such a consumer reads the partitions of other members for as long as the process
 * lives, never becomes a member again, and commits no offsets. See kafkajs/src/consumer/runner.js, scheduleFetchManager.
 *
 * The guard rejects a fetch without a member id with UNKNOWN_MEMBER_ID; the runner then joins the group.
 */
import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';
import { createErrorFromCode } from 'kafkajs/src/protocol/error.js';

/** https://kafka.apache.org/protocol#protocol_error_codes */
const UNKNOWN_MEMBER_ID = 25;

const fetchUnguarded = Reflect.get(ConsumerGroup.prototype, 'fetch') as ConsumerGroup['fetch'];

/** Patches kafkajs; further calls change nothing. */
export function guardMembership(): void {
  ConsumerGroup.prototype.fetch = fetchAsMember;
}

async function fetchAsMember(this: ConsumerGroup, nodeId: string): Promise<unknown> {
  if (this.memberId === null) throw createErrorFromCode(UNKNOWN_MEMBER_ID);
  return fetchUnguarded.call(this, nodeId);
}
