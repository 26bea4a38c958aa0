#!/usr/bin/env bash
# What counts as the same request under one Idempotency-Key: express-idempotency 1.0.6 and @node-idempotency/core 1.0.11, each with
# its own storage in memory, in front of a handler that sets a currency where the body has none.
# - The handler changes the body, and both compare with the body after it: an honest retry is refused as a misuse of the key.
# - JSON members in another order, as jsonb of PostgreSQL gives them back: @node-idempotency refuses, express-idempotency replays.
# - A quantity "1" in place of 1: express-idempotency compares with == and answers with the order of the first request.
# Fails when one of the answers changes.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install_npm express@5.3.0 express-idempotency@1.0.6 @node-idempotency/core@1.0.11 @node-idempotency/storage-adapter-memory@1.0.2

cat >retry.mjs <<'JS'
import { once } from 'node:events';
import { Idempotency } from '@node-idempotency/core';
import { MemoryStorageAdapter } from '@node-idempotency/storage-adapter-memory';
import express from 'express';
import middleware from 'express-idempotency';
let orders = 0;
const place = (body) => {
  body.currency ??= 'EUR';
  return { order: (orders += 1) };
};

const app = express().use(express.json());
app.post('/express-idempotency', middleware.idempotency(), (request, response) => {
  if (!middleware.getSharedIdempotencyService().isHit(request)) response.json(place(request.body));
});
const core = new Idempotency(new MemoryStorageAdapter());
app.post('/node-idempotency', async ({ headers, body, path, method }, response) => {
  const known = await core.onRequest({ headers, body, path, method });
  const answer = known?.body ?? place(body);
  if (!known) await core.onResponse({ headers, body, path, method }, { body: answer });
  response.json(answer);
});
app.use((error, request, response, next) => response.status(422).json({ refused: error.message }));
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');

async function post(library, key, body) {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key };
  const url = `http://127.0.0.1:${server.address().port}/${library}`;
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return response.json();
}
const first = { sku: 'a', quantity: 1, currency: 'EUR' };
const retries = {
  'the same': [first, first],
  'the same, currency set by the handler': [{ sku: 'a', quantity: 1 }, { sku: 'a', quantity: 1 }],
  'another order of members': [first, { quantity: 1, sku: 'a', currency: 'EUR' }],
  'quantity "1"': [first, { ...first, quantity: '1' }],
  'quantity 2': [first, { ...first, quantity: 2 }],
};
for (const [what, [body, retry]] of Object.entries(retries)) {
  for (const library of ['express-idempotency', 'node-idempotency']) {
    const { order } = await post(library, what, body);
    const again = await post(library, what, retry);
    console.log(what.padEnd(37), '|', library.padEnd(19), '|', again.order === order ? 'replayed' : again.refused);
  }
}
server.close();
server.closeAllConnections();
JS

expect node retry.mjs <<'SEEN'
the same                              | express-idempotency | replayed
the same                              | node-idempotency    | replayed
the same, currency set by the handler | express-idempotency | Misuse of the idempotency key. Please check your request.
the same, currency set by the handler | node-idempotency    | Idempotency-Key is already used
another order of members              | express-idempotency | replayed
another order of members              | node-idempotency    | Idempotency-Key is already used
quantity "1"                          | express-idempotency | replayed
quantity "1"                          | node-idempotency    | Idempotency-Key is already used
quantity 2                            | express-idempotency | Misuse of the idempotency key. Please check your request.
quantity 2                            | node-idempotency    | Idempotency-Key is already used
SEEN
