#!/usr/bin/env bash
# cloudevents 10.0.0: Kafka.isEvent is true for a record that has ce_id and nothing else of the required attributes, and
# Kafka.toEvent returns a CloudEvent for it with a specversion and a time of its own making and without a source. Nothing is raised; only
# validate() tells. A consumer that relies on isEvent and toEvent accepts records that are no CloudEvents.
# Fails when isEvent or toEvent objects.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install_npm cloudevents@10.0.0

cat >read.mjs <<'JS'
import { Kafka } from 'cloudevents';
const value = JSON.stringify({ parcel: 7 });
const message = { key: 'k', value, body: value, headers: { ce_id: 'a-1', ce_type: 'ParcelSent', 'content-type': 'application/json' } };
console.log('isEvent:', Kafka.isEvent(message));
const event = Kafka.toEvent(message);
console.log('type:', event.type, '| source:', event.source, '| specversion:', event.specversion, '| time is set:', event.time !== undefined);
try {
  console.log('validate:', event.validate());
} catch (error) {
  console.log('validate raises:', error.message.split('\n')[0]);
}
JS

expect node read.mjs <<'SEEN'
isEvent: true
type: ParcelSent | source: undefined | specversion: 1.0 | time is set: true
validate raises: invalid payload
SEEN
