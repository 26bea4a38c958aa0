#!/usr/bin/env bash
# Schema resolution needs two records to have the same *unqualified* name (Avro 1.12, "Schema Resolution"). A producer that
# moves to another namespace keeps its readers by that rule. fastavro 1.12.1 reads the record; avsc 5.7.9 and Apache's own
# avro 1.12.0 for Python compare the full names and refuse it, each with an error that does not name the namespace as the reason.
# Fails when one of them changes its mind.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install_npm avsc@5.7.9
install_pypi fastavro==1.12.1 avro==1.12.0

cat >resolve.mjs <<'JS'
import avro from 'avsc';
const record = (name, type) => avro.Type.forSchema({ type: 'record', name, fields: [{ name: 'count', type }] });
const [writer, reader] = [record('shop.Stock', 'int'), record('warehouse.Stock', 'long')];
try {
  console.log('avsc:', reader.fromBuffer(writer.toBuffer({ count: 3 }), reader.createResolver(writer)).count);
} catch (error) {
  console.log('avsc refuses:', error.message);
}
JS
cat >resolve.py <<'PY'
import io, json, fastavro, avro.io, avro.schema
from avro.errors import SchemaResolutionException
record = lambda name, type: {"type": "record", "name": name, "fields": [{"name": "count", "type": type}]}
writer, reader = record("shop.Stock", "int"), record("warehouse.Stock", "long")
out = io.BytesIO()
fastavro.schemaless_writer(out, fastavro.parse_schema(writer), {"count": 3})
out.seek(0)
print("fastavro:", fastavro.schemaless_reader(out, fastavro.parse_schema(writer), fastavro.parse_schema(reader))["count"])
out.seek(0)
schemas = [avro.schema.parse(json.dumps(schema)) for schema in (writer, reader)]
try:
    print("avro:", avro.io.DatumReader(*schemas).read(avro.io.BinaryDecoder(out))["count"])
except SchemaResolutionException as error:
    print("avro refuses:", str(error).splitlines()[0])
PY

expect sh -c 'node resolve.mjs && venv/bin/python resolve.py' <<'SEEN'
avsc refuses: no alias found for shop.Stock
fastavro: 3
avro refuses: Schemas do not match.
SEEN
