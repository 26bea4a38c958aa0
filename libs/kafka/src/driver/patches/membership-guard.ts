/**
 * A consumer of kafkajs 2.2.4 that its group has given up sets its member id to null and joins anew. When that join fails (a
 * broker that is away a second time, an answer that never comes), it goes on fetching all the same: fetching needs no member
 * id, and its heartbeat says nothing without one. So it reads what others own for as long as the process lives, is never a
 * member again, and none of its offsets are ever committed. See kafkajs/src/consumer/runner.js, scheduleFetchManager.
 *
 * The guard lets nobody fetch who is not a member; the runner then joins, as after every word of that kind from the broker.
 */
import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';
import { createErrorFromCode } from 'kafkajs/src/protocol/error.js';

/** https://kafka.apache.org/protocol#protocol_error_codes */
const UNKNOWN_MEMBER_ID = 25;

const fetchAsAnybody = Reflect.get(ConsumerGroup.prototype, 'fetch') as ConsumerGroup['fetch'];

/** Puts the guard into kafkajs; more than once changes nothing. */
export function guardMembership(): void {
  ConsumerGroup.prototype.fetch = fetchAsMember;
}

async function fetchAsMember(this: ConsumerGroup, nodeId: string): Promise<unknown> {
  if (this.memberId === null) throw createErrorFromCode(UNKNOWN_MEMBER_ID);
  return fetchAsAnybody.call(this, nodeId);
}
