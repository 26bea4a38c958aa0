/**
 * A connection of kafkajs 2.2.4 buffers a partial answer until the rest arrives. When it breaks in between, the same object
 * connects again and takes the first answer of the new connection for that rest: it never decodes an answer again, and every
 * request on it times out for as long as the process lives. See kafkajs/src/network/connection.js, processData.
 *
 * The guard clears the buffer before each connect.
 */
import Connection from 'kafkajs/src/network/connection.js';

const LENGTH_BYTES = 4;

const connectUnguarded = Reflect.get(Connection.prototype, 'connect') as Connection['connect'];

/** Patches kafkajs; further calls change nothing. */
export function guardAnswers(): void {
  Connection.prototype.connect = connectWithEmptyBuffer;
}

async function connectWithEmptyBuffer(this: Connection): Promise<unknown> {
  if (!this.isConnected()) {
    this.chunks = [];
    this.bytesBuffered = 0;
    this.bytesNeeded = LENGTH_BYTES;
  }
  return connectUnguarded.call(this);
}
