"""Reads every event of a system with confluent-kafka and fastavro, as docs/events.md describes it, and prints them as JSON lines.
usage: read.py BROKERS REGISTRY_URL TOPIC..."""

import io
import json
import struct
import sys

import fastavro
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

brokers, registry_url, *topics = sys.argv[1:]
registry = SchemaRegistryClient({"url": registry_url})
deserialize = AvroDeserializer(registry)
schemas = {}


def by_hand(value):
    """The same by the framing alone: 0x00, the schema id as four bytes, Avro."""
    magic, schema_id = struct.unpack(">bI", value[:5])
    assert magic == 0, "the value is not framed"
    if schema_id not in schemas:
        schemas[schema_id] = fastavro.parse_schema(json.loads(registry.get_schema(schema_id).schema_str))
    rest = io.BytesIO(value[5:])
    event = fastavro.schemaless_reader(rest, schemas[schema_id], None)
    assert rest.read() == b"", "bytes are left"
    return event, schemas[schema_id]["name"]


def main():
    consumer = Consumer(
        {"bootstrap.servers": brokers, "group.id": "not-used", "enable.auto.commit": False, "enable.partition.eof": True}
    )
    partitions = [
        TopicPartition(topic, partition, 0)
        for topic in topics
        for partition in consumer.list_topics(topic, 10).topics[topic].partitions
    ]
    consumer.assign(partitions)
    ended = set()
    while len(ended) < len(partitions):
        message = consumer.poll(20)
        if message is None:
            raise SystemExit("no record and no end of a partition within 20 s")
        if message.error():
            ended.add((message.topic(), message.partition()))
            continue
        event = deserialize(message.value(), SerializationContext(message.topic(), MessageField.VALUE))
        same, name = by_hand(message.value())
        assert event == same, "AvroDeserializer and fastavro differ"
        print(
            json.dumps(
                {
                    "topic": message.topic(),
                    "partition": message.partition(),
                    "offset": message.offset(),
                    "key": message.key().decode(),
                    "headers": {header: value.decode() for header, value in message.headers()},
                    "schema": name,
                    "event": event,
                }
            )
        )
    consumer.close()


main()
