/**
 * A fetch of an offset that its partition does not hold (any more) makes kafkajs 2.2.4 go on at the oldest record, with an error
 * in its log: its consumer cannot learn that it jumps over records. See kafkajs/src/consumer/consumerGroup.js,
 * recoverFromOffsetOutOfRange.
 *
 * The guard lets the member join again afterwards, at which the consumer decides where each of its partitions begins.
 */
import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';

const recoverUnguarded = Reflect.get(
  ConsumerGroup.prototype,
  'recoverFromOffsetOutOfRange',
) as ConsumerGroup['recoverFromOffsetOutOfRange'];

/** Patches kafkajs; further calls change nothing. */
export function guardOffsets(): void {
  ConsumerGroup.prototype.recoverFromOffsetOutOfRange = recoverByJoining;
}

async function recoverByJoining(this: ConsumerGroup, error: unknown): Promise<void> {
  await recoverUnguarded.call(this, error);
  // guard: a jump while records are fetched is noticed
  await this.joinAndSync();
}
