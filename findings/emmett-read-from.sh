#!/usr/bin/env bash
# Emmett 0.42.0 has an event store in memory, the one of its examples and tests, and one on PostgreSQL. Both number the events of
# a stream from 1, and both take from, to and maxCount. They read differently:
# - from is an index in memory and a position on PostgreSQL. From 2 gives events 3 to 5 and events 2 to 5, so an aggregate that
#   goes on from a snapshot at version 2 is right in a test and applies event 2 twice in production.
# - from 2 with maxCount 2 gives two events in memory and three on PostgreSQL, where both ends are included.
# - A read behind the last event finds version 5 in memory, and on PostgreSQL version 0 of a stream that does not exist.
# - aggregateStream in memory counts the events that it read as the version. An append that expects this version is refused.
# Fails when the two stores agree, or one of them changes.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install_npm @event-driven-io/emmett@0.42.0 @event-driven-io/emmett-postgresql@0.42.0

cat >read.mjs <<'JS'
import { getInMemoryEventStore } from '@event-driven-io/emmett';
import { readStream } from '@event-driven-io/emmett-postgresql';
const memory = getInMemoryEventStore();
await memory.appendToStream('order-1', [1, 2, 3, 4, 5].map((n) => ({ type: 'LineAdded', data: { n } })));
const { events } = await memory.readStream('order-1');

// In place of PostgreSQL: the two conditions of its query, applied to the same events.
const bound = (query, operator) => query.match(new RegExp(`stream_position ${operator} (\\d+)`))?.[1];
const rows = events.map(({ type, data, metadata: { streamPosition } }) => {
  return { message_type: type, message_data: data, stream_position: streamPosition, global_position: streamPosition };
});
const query = async (text) => {
  const [from, to] = [bound(text, '>=') ?? 1, bound(text, '<=') ?? rows.length];
  return { rows: rows.filter((row) => row.stream_position >= from && row.stream_position <= to) };
};

const show = (store, what, { events: read, currentStreamVersion, streamExists }) => {
  const positions = read.map((event) => event.metadata.streamPosition).join() || 'none';
  console.log(`${what.padEnd(18)} | ${store.padEnd(10)} | events ${positions} | version ${currentStreamVersion} | exists ${streamExists}`);
};
const reads = {
  'from 2': { from: 2n },
  'from 2, to 3': { from: 2n, to: 3n },
  'from 2, maxCount 2': { from: 2n, maxCount: 2n },
  'from 6': { from: 6n },
};
for (const [what, options] of Object.entries(reads)) {
  show('memory', what, await memory.readStream('order-1', options));
  show('PostgreSQL', what, await readStream({ query }, 'order-1', options));
}
const counted = { initialState: () => 0, evolve: (count) => count + 1, read: { from: 3n } };
const { state, currentStreamVersion } = await memory.aggregateStream('order-1', counted);
const append = memory.appendToStream('order-1', [{ type: 'Placed', data: {} }], { expectedStreamVersion: currentStreamVersion });
const answer = await append.then(() => 'accepted', (error) => error.message);
console.log(`aggregate from 3   | memory     | ${state} events | version ${currentStreamVersion} | append: ${answer}`);
JS

expect node read.mjs <<'SEEN'
from 2             | memory     | events 3,4,5 | version 5 | exists true
from 2             | PostgreSQL | events 2,3,4,5 | version 5 | exists true
from 2, to 3       | memory     | events 3 | version 5 | exists true
from 2, to 3       | PostgreSQL | events 2,3 | version 3 | exists true
from 2, maxCount 2 | memory     | events 3,4 | version 5 | exists true
from 2, maxCount 2 | PostgreSQL | events 2,3,4 | version 4 | exists true
from 6             | memory     | events none | version 5 | exists true
from 6             | PostgreSQL | events none | version 0 | exists false
aggregate from 3   | memory     | 2 events | version 2 | append: Expected version 2 does not match current 5
SEEN
