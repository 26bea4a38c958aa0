#!/usr/bin/env bash
# The Last-Event-ID with which five clients of server-sent events come back after the connection has ended. A client sends the id
# of the last block that was complete (https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation).
# - The connection ends inside the block with id 2. extended-eventsource 2.1.0 sends 2 although it gave event 2 to nobody. The
#   server goes on behind it, and the event is lost.
# - A block has only the id 7, as a server marks progress with no event to show. launchdarkly-eventsource 2.2.0,
#   eventsource-client 1.2.0 and event-source-plus 0.1.15 send 1. extended-eventsource sends 7, but gives an empty event too.
# - An empty id asks for no header. event-source-plus 0.1.15 sends 1.
# Only eventsource 5.1.5 does all three as the standard says. Fails when one of them changes.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install_npm eventsource@5.1.5 eventsource-client@1.2.0 event-source-plus@0.1.15 extended-eventsource@2.1.0 launchdarkly-eventsource@2.2.0

cat >resume.mjs <<'JS'
import { createServer } from 'node:http';
import { once } from 'node:events';
import { EventSourcePlus } from 'event-source-plus';
import { EventSource } from 'eventsource';
import { createEventSource } from 'eventsource-client';
import { EventSource as Extended } from 'extended-eventsource';
import launchdarkly from 'launchdarkly-eventsource';
const silent = Object.fromEntries(['debug', 'error', 'info', 'log', 'trace', 'warn'].map((level) => [level, () => {}]));
const listening = (source, onMessage) => Object.assign(source, { onmessage: onMessage, onerror: () => {} });
const clients = {
  eventsource: (url, onMessage) => listening(new EventSource(url), onMessage),
  'eventsource-client': (url, onMessage) => createEventSource({ url, onMessage }),
  'event-source-plus': (url, onMessage) => {
    const controller = new EventSourcePlus(url, { retryInterval: 10 }).listen({ onMessage });
    return { close: () => controller.abort() };
  },
  'extended-eventsource': (url, onMessage) => listening(new Extended(url, { logger: silent }), onMessage),
  'launchdarkly-eventsource': (url, onMessage) => listening(new launchdarkly.EventSource(url), onMessage),
};
const event1 = 'retry: 10\nid: 1\ndata: a\n\n';
const streams = {
  'cut inside 2': `${event1}id: 2\ndata: b\n`,
  'only id 7': `${event1}id: 7\n\n`,
  'empty id': `${event1}id:\ndata: b\n\n`,
};

async function resume(connect, stream) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const got = [];
  const client = connect(`http://127.0.0.1:${server.address().port}/`, ({ data }) => got.push(data));
  const [, first] = await once(server, 'request');
  first.writeHead(200, { 'content-type': 'text/event-stream' }).end(stream);
  const [{ headers }] = await once(server, 'request');
  client.close();
  server.close();
  server.closeAllConnections();
  return `gives ${JSON.stringify(got)} and sends ${headers['last-event-id'] ?? 'none'}`;
}

for (const [what, stream] of Object.entries(streams)) {
  for (const [name, connect] of Object.entries(clients)) {
    console.log(what.padEnd(12), '|', name.padEnd(24), '|', await resume(connect, stream));
  }
}
JS

expect node resume.mjs <<'SEEN'
cut inside 2 | eventsource              | gives ["a"] and sends 1
cut inside 2 | eventsource-client       | gives ["a"] and sends 1
cut inside 2 | event-source-plus        | gives ["a"] and sends 1
cut inside 2 | extended-eventsource     | gives ["a"] and sends 2
cut inside 2 | launchdarkly-eventsource | gives ["a"] and sends 1
only id 7    | eventsource              | gives ["a"] and sends 7
only id 7    | eventsource-client       | gives ["a"] and sends 1
only id 7    | event-source-plus        | gives ["a"] and sends 1
only id 7    | extended-eventsource     | gives ["a",""] and sends 7
only id 7    | launchdarkly-eventsource | gives ["a"] and sends 1
empty id     | eventsource              | gives ["a","b"] and sends none
empty id     | eventsource-client       | gives ["a","b"] and sends none
empty id     | event-source-plus        | gives ["a","b"] and sends 1
empty id     | extended-eventsource     | gives ["a","b"] and sends none
empty id     | launchdarkly-eventsource | gives ["a","b"] and sends none
SEEN
