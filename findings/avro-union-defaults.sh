#!/usr/bin/env bash
# Since Avro 1.12 the default of a union field may match any branch ("the first schema that matches in the union"). Apache's
# avro 1.12.0 for Python and fastavro 1.12.1 parse such a schema; avsc 5.7.9 refuses to load it. A registry that accepts the
# schema from a Java or Python producer gives JavaScript consumers a schema that they cannot load (AVRO-3649 widened the rule).
# Fails when avsc parses it.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install_npm avsc@5.7.9
install_pypi fastavro==1.12.1 avro==1.12.0

cat >schema.json <<'JSON'
{ "type": "record", "name": "Parcel", "fields": [{ "name": "carrier", "type": ["null", "string"], "default": "post" }] }
JSON
cat >parse.mjs <<'JS'
import { readFileSync } from 'node:fs';
import avro from 'avsc';
try {
  console.log('avsc:', avro.Type.forSchema(JSON.parse(readFileSync('schema.json', 'utf8'))).name);
} catch (error) {
  console.log('avsc refuses:', error.message);
}
JS
cat >parse.py <<'PY'
import json, fastavro, avro.schema
text = open("schema.json").read()
print("fastavro:", fastavro.parse_schema(json.loads(text))["name"])
print("avro:", avro.schema.parse(text).name)
PY

expect sh -c 'node parse.mjs && venv/bin/python parse.py' <<'SEEN'
avsc refuses: incompatible field default "post" (invalid "null": "post"), union defaults must match the first branch's type ("null")
fastavro: Parcel
avro: Parcel
SEEN
