#!/usr/bin/env bash
# @kafkajs/confluent-schema-registry 4.1.0: isValid of a schema takes an optional errorHook. Without it a JSON schema answers
# true to every payload; an Avro and a Protobuf schema answer false to a wrong one. With a hook all three answer false.
# A producer that asks isValid before it stores an event stores wrong ones, and fails at encode, when the request is answered.
# Fails when a JSON schema answers false without a hook, or one of the others true.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install_npm @kafkajs/confluent-schema-registry@4.1.0

cat >validate.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import registryClient from '@kafkajs/confluent-schema-registry';
const avro = { type: 'record', name: 'Stock', fields: [{ name: 'count', type: 'int' }] };
const json = { type: 'object', required: ['count'], properties: { count: { type: 'integer' } } };
const schemas = {
  1: { schema: JSON.stringify(avro) },
  2: { schemaType: 'PROTOBUF', schema: 'syntax = "proto3"; package shop; message Stock { int32 count = 1; }' },
  3: { schemaType: 'JSON', schema: JSON.stringify(json) },
};
// A registry as far as the client reads it: one schema for each id.
const server = createServer((request, response) => {
  response.setHeader('content-type', 'application/vnd.schemaregistry.v1+json');
  response.end(JSON.stringify(schemas[request.url.split('/').at(-1)]));
}).listen(0, '127.0.0.1');
await once(server, 'listening');

const registry = new registryClient.SchemaRegistry({ host: `http://127.0.0.1:${server.address().port}` });
const wrong = { count: 'three' };
for (const [id, type] of [[1, 'Avro'], [2, 'Protobuf'], [3, 'JSON']]) {
  const schema = await registry.getSchema(id);
  const hooked = schema.isValid(wrong, { errorHook: () => {} });
  const encode = await registry.encode(id, wrong).then(() => 'resolves', (error) => `rejects: ${error.message}`);
  console.log(type.padEnd(8), '| isValid:', schema.isValid(wrong), '| with a hook:', hooked, '| encode', encode);
}
server.close();
server.closeAllConnections();
JS

expect node validate.mjs <<'SEEN'
Avro     | isValid: false | with a hook: false | encode rejects: invalid "int": "three"
Protobuf | isValid: false | with a hook: false | encode rejects: invalid payload
JSON     | isValid: true | with a hook: false | encode rejects: invalid payload
SEEN
