#!/usr/bin/env bash
# avsc 5.7.9 accepts a long only up to 2^53 - 2: Number.MAX_SAFE_INTEGER is refused when written, and when read.
# A record with that value is valid Avro, and a Java or Python producer writes it. A bound of "a safe integer" in front
# of avsc is one too high. Fails when avsc handles Number.MAX_SAFE_INTEGER.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install_npm avsc@5.7.9
install_pypi fastavro==1.12.1

cat >write.py <<'PY'
import io, fastavro
for n in (2**53 - 2, 2**53 - 1):
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema("long"), n)
    print(out.getvalue().hex())
PY
venv/bin/python write.py >bytes.txt

cat >read.mjs <<'JS'
import { readFileSync } from 'node:fs';
import avro from 'avsc';
const long = avro.Type.forSchema('long');
const attempt = (action) => {
  try {
    return action();
  } catch (error) {
    return `refused: ${error.message}`;
  }
};
const [below, max] = readFileSync('bytes.txt', 'utf8').trim().split('\n');
console.log('write 2^53 - 2:', attempt(() => long.toBuffer(Number.MAX_SAFE_INTEGER - 1).toString('hex') === below));
console.log('write 2^53 - 1:', attempt(() => long.toBuffer(Number.MAX_SAFE_INTEGER).toString('hex') === max));
console.log('read 2^53 - 2:', attempt(() => long.fromBuffer(Buffer.from(below, 'hex'))));
console.log('read 2^53 - 1:', attempt(() => long.fromBuffer(Buffer.from(max, 'hex'))));
JS

expect node read.mjs <<'SEEN'
write 2^53 - 2: true
write 2^53 - 1: refused: invalid "long": 9007199254740991
read 2^53 - 2: 9007199254740990
read 2^53 - 1: refused: potential precision loss
SEEN
