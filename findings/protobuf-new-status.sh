#!/usr/bin/env bash
# Two events of a proto3 producer (protobufjs 8.8.1). Enums of proto3 are open, so a reader keeps a number that it does not know
# (https://protobuf.dev/programming-guides/enum/), and a parser takes lists packed or not (.../encoding/#packed).
# - The producer has a new status, DELIVERED = 3. protocol-buffers 5.0.0, protons 9.0.2 and pure-protobuf 3.1.5 refuse the whole
#   event, so a new status stops each reader that has the schema of yesterday. protobufjs and pbf 5.1.2 read 3.
# - The history PAID, SENT is packed, as proto3 writes it. protons refuses it. protocol-buffers takes the length of the list, 2, for
#   its only entry and skips the rest: it returns the history SENT, and no error.
# Fails when one of the readers changes.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install_npm protobufjs@8.8.1 pbf@5.1.2 protocol-buffers@5.0.0 protocol-buffers-schema@3.6.1 \
  protons@9.0.2 protons-runtime@8.0.1 esbuild@0.28.1
install_pypi pure-protobuf==3.1.5

cat >order.proto <<'PROTO'
syntax = "proto3";
enum Status { PLACED = 0; PAID = 1; SENT = 2; }
message Order { string id = 1; Status status = 2; repeated Status history = 3; }
PROTO
npx protons order.proto
npx esbuild --log-level=error --format=esm --outfile=protons.mjs order.ts

cat >read.mjs <<'JS'
import { readFileSync, writeFileSync } from 'node:fs';
import { PbfReader } from 'pbf';
import { compile } from 'pbf/compile';
import protobuf from 'protobufjs';
import protocolBuffers from 'protocol-buffers';
import schema from 'protocol-buffers-schema';
import * as protons from './protons.mjs';
const proto = readFileSync('order.proto', 'utf8');
const order = (text) => protobuf.parse(text).root.lookupType('Order');
const newer = order(proto.replace('SENT = 2;', 'SENT = 2; DELIVERED = 3;'));
const written = Object.entries({
  'status DELIVERED  ': newer.encode({ id: 'A', status: 3 }).finish(),
  'history PAID, SENT': newer.encode({ id: 'A', history: [1, 2] }).finish(),
});
writeFileSync('written.json', JSON.stringify(written.map(([what, bytes]) => [what, Buffer.from(bytes).toString('hex')])));

const [known, compiled, { Order }] = [order(proto), compile(schema.parse(proto)), protocolBuffers(proto)];
const readers = {
  protobufjs: (bytes) => known.toObject(known.decode(bytes), { defaults: true }),
  pbf: (bytes) => compiled.readOrder(new PbfReader(bytes)),
  'protocol-buffers': (bytes) => Order.decode(Buffer.from(bytes)),
  protons: (bytes) => protons.Order.decode(bytes),
};
const attempt = (read, bytes) => {
  try {
    const { status, history } = read(bytes);
    return `status ${status}, history [${history}]`;
  } catch (error) {
    return `refused: ${error.message}`;
  }
};
for (const [what, bytes] of written) {
  for (const [name, read] of Object.entries(readers)) console.log(what, '|', name.padEnd(16), '|', attempt(read, bytes));
}
JS
cat >read.py <<'PY'
import json
from dataclasses import dataclass, field
from enum import IntEnum
from io import BytesIO
from typing import Annotated
from pure_protobuf.annotations import Field
from pure_protobuf.exceptions import IncorrectValueError
from pure_protobuf.message import BaseMessage

Status = IntEnum("Status", {"PLACED": 0, "PAID": 1, "SENT": 2})


@dataclass
class Order(BaseMessage):
    id: Annotated[str, Field(1)] = ""
    status: Annotated[Status, Field(2)] = Status.PLACED
    history: Annotated[list[Status], Field(3)] = field(default_factory=list)


for what, written in json.load(open("written.json")):
    try:
        order = Order.read_from(BytesIO(bytes.fromhex(written)))
        print(f"{what} | pure-protobuf    | status {order.status.value}, history {[status.value for status in order.history]}")
    except IncorrectValueError as error:
        print(f"{what} | pure-protobuf    | refused: {error}")
PY

all() { node read.mjs && venv/bin/python read.py; }
expect all <<'SEEN'
status DELIVERED   | protobufjs       | status 3, history []
status DELIVERED   | pbf              | status 3, history []
status DELIVERED   | protocol-buffers | refused: Invalid enum value: 3
status DELIVERED   | protons          | refused: Invalid enum value
history PAID, SENT | protobufjs       | status 0, history [1,2]
history PAID, SENT | pbf              | status 0, history [1,2]
history PAID, SENT | protocol-buffers | status 0, history [2]
history PAID, SENT | protons          | refused: index out of range: 6 + 8 > 7
status DELIVERED   | pure-protobuf    | refused: incorrect value 3 for enum `<enum 'Status'>`
history PAID, SENT | pure-protobuf    | status 0, history [1, 2]
SEEN
