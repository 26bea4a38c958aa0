"""Publishes an event of a type of its own beside those of an order, and prints its partition.
usage: publish.py BROKERS REGISTRY_URL TOPIC ORDER_ID"""

import json
import sys
import uuid

from confluent_kafka import Producer
from confluent_kafka.schema_registry import SchemaRegistryClient, record_subject_name_strategy
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

brokers, registry_url, topic, order_id = sys.argv[1:]
SCHEMA = {
    "type": "record",
    "name": "ShipmentBooked",
    "namespace": "shipping",
    "fields": [
        {"name": "orderId", "type": "string"},
        {"name": "carrier", "type": "string"},
        {"name": "weightGrams", "type": ["null", "long"], "default": None},
    ],
}
serialize = AvroSerializer(
    SchemaRegistryClient({"url": registry_url}),
    json.dumps(SCHEMA),
    # With the default, the strategy by topic, its first type would claim the whole topic.
    conf={"subject.name.strategy": record_subject_name_strategy},
)
# With the default of librdkafka most keys lie on another partition than those of the services.
producer = Producer({"bootstrap.servers": brokers, "partitioner": "murmur2_random"})
partitions = []


def delivered(error, message):
    if error is not None:
        raise SystemExit(f"not delivered: {error}")
    partitions.append(message.partition())


producer.produce(
    topic,
    key=order_id,
    value=serialize(
        {"orderId": order_id, "carrier": "ship", "weightGrams": 1200}, SerializationContext(topic, MessageField.VALUE)
    ),
    headers={
        "ce_id": str(uuid.uuid4()),
        "ce_source": "shipping",
        "ce_specversion": "1.0",
        "ce_type": "ShipmentBooked",
        "content-type": "application/avro",
    },
    on_delivery=delivered,
)
producer.flush(20)
print(json.dumps({"partitions": partitions}))
