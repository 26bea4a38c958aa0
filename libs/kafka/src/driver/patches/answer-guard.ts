/**
 * A connection of kafkajs 2.2.4 keeps what has come of an answer until the rest is there. Where it breaks in between, the
 * same object connects anew and takes the first answer for that rest: it never understands an answer again, and every
 * request on it times out for as long as the process lives. See kafkajs/src/network/connection.js, processData.
 *
 * The guard lets a connection begin with nothing.
 */
import Connection from 'kafkajs/src/network/connection.js';

const LENGTH_BYTES = 4;

const connectAsItIs = Reflect.get(Connection.prototype, 'connect') as Connection['connect'];

/** Puts the guard into kafkajs; more than once changes nothing. */
export function guardAnswers(): void {
  Connection.prototype.connect = connectWithNothing;
}

async function connectWithNothing(this: Connection): Promise<unknown> {
  if (!this.isConnected()) {
    this.chunks = [];
    this.bytesBuffered = 0;
    this.bytesNeeded = LENGTH_BYTES;
  }
  return connectAsItIs.call(this);
}
