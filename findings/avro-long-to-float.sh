#!/usr/bin/env bash
# A reader's schema that promotes long to float: avsc 5.7.9, fastavro 1.12.1 and Apache's avro 1.12.0 for Python all keep
# digits that an Avro float (32 bits) cannot hold. The same value written as a float and read back is another one, so two
# readers of one topic, one with the old schema and one with the new, compare 16777217 with 16777216.
# Fails when one of them rounds to 32 bits.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install_npm avsc@5.7.9
install_pypi fastavro==1.12.1 avro==1.12.0

cat >promote.mjs <<'JS'
import avro from 'avsc';
const [long, float] = [avro.Type.forSchema('long'), avro.Type.forSchema('float')];
console.log('avsc, written as long:', float.fromBuffer(long.toBuffer(16777217), float.createResolver(long)));
console.log('avsc, written as float:', float.fromBuffer(float.toBuffer(16777217)));
JS
cat >promote.py <<'PY'
import io, fastavro, avro.io, avro.schema
out = io.BytesIO()
fastavro.schemaless_writer(out, fastavro.parse_schema("long"), 16777217)
out.seek(0)
print("fastavro, written as long:", fastavro.schemaless_reader(out, "long", "float"))
long, float32 = avro.schema.parse('"long"'), avro.schema.parse('"float"')
out = io.BytesIO()
avro.io.DatumWriter(long).write(16777217, avro.io.BinaryEncoder(out))
out.seek(0)
value = avro.io.DatumReader(long, float32).read(avro.io.BinaryDecoder(out))
print("avro, written as long:", value, type(value).__name__)
PY

expect sh -c 'node promote.mjs && venv/bin/python promote.py' <<'SEEN'
avsc, written as long: 16777217
avsc, written as float: 16777216
fastavro, written as long: 16777217.0
avro, written as long: 16777217 int
SEEN
