#!/usr/bin/env bash
# A forwarder in Python reads structured Kafka records and writes them on in binary mode, both with cloudevents 2.2.0. Data that
# is a JSON list of objects, or true, becomes the repr of Python: single quotes, a capital T, still under content-type
# application/json. Nothing is raised. cloudevents 10.0.0 for JavaScript cannot parse the record, and the Python SDK reads
# its own record back as a string. An object survives, and so does everything in structured mode.
# Fails when binary mode writes JSON for a list or for true, or when structured mode does not.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install_npm cloudevents@10.0.0
install_pypi cloudevents==2.2.0

cat >write.mjs <<'JS'
import { writeFileSync } from 'node:fs';
import { CloudEvent, Kafka } from 'cloudevents';
const attributes = { source: '/parcels', type: 'ParcelPacked', datacontenttype: 'application/json' };
const events = [{ sku: 'a' }, [{ sku: 'a' }], true].map((data) => new CloudEvent({ ...attributes, data }));
writeFileSync('written.json', JSON.stringify(events.map((event) => Kafka.structured(event))));
JS
cat >forward.py <<'PY'
import json
from cloudevents.core.bindings import kafka

forwarded = []
for record in json.load(open("written.json")):
    headers = {name: value.encode() for name, value in record["headers"].items()}
    event = kafka.from_kafka_event(kafka.KafkaMessage(headers, None, record["value"].encode()))
    for mode, write in (("binary", kafka.to_binary_event), ("structured", kafka.to_structured_event)):
        record = write(event)
        print(f"{mode:10} | {event.get_data()!r:16} | Python reads {kafka.from_kafka_event(record).get_data()!r}")
        headers = {name: value.decode() for name, value in record.headers.items()}
        forwarded.append({"mode": mode, "headers": headers, "value": record.value.decode()})
json.dump(forwarded, open("forwarded.json", "w"))
PY
cat >read.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { Kafka } from 'cloudevents';
for (const { mode, headers, value } of JSON.parse(readFileSync('forwarded.json', 'utf8'))) {
  try {
    console.log(mode.padEnd(10), '| JavaScript reads', JSON.stringify(Kafka.toEvent({ headers, value, body: value }).data));
  } catch (error) {
    console.log(mode.padEnd(10), `| ${value} | JavaScript raises`, error.name);
  }
}
JS

all() { node write.mjs && venv/bin/python forward.py && node read.mjs; }
expect all <<'SEEN'
binary     | {'sku': 'a'}     | Python reads {'sku': 'a'}
structured | {'sku': 'a'}     | Python reads {'sku': 'a'}
binary     | [{'sku': 'a'}]   | Python reads "[{'sku': 'a'}]"
structured | [{'sku': 'a'}]   | Python reads [{'sku': 'a'}]
binary     | True             | Python reads 'True'
structured | True             | Python reads True
binary     | JavaScript reads {"sku":"a"}
structured | JavaScript reads {"sku":"a"}
binary     | [{'sku': 'a'}] | JavaScript raises SyntaxError
structured | JavaScript reads [{"sku":"a"}]
binary     | True | JavaScript raises SyntaxError
structured | JavaScript reads true
SEEN
