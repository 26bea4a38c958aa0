export type {
  Broker,
  ConsumedOffset,
  ConsumedOffsets,
  Omitted,
  OutgoingRecord,
  PartitionLag,
  Publisher,
  RawRecord,
  RunningConsumer,
  Subscription,
} from './broker.js';
export { type CloudEvent, toCloudEvent } from './codec/cloud-event.js';
export { subjectOf } from './codec/envelope-schema.js';
export { EventCodec } from './codec/event-codec.js';
export { KafkajsBroker } from './driver/kafkajs-broker.js';
export { type ReplayPlan, Replays } from './driver/replays.js';
export { BadRecord, isTransient, PublishRefused, TransientError } from './errors.js';
export { deliveriesOf, type Delivery } from './nest/deliveries.js';
export { EventStrategy } from './nest/event-strategy.js';
export { partitionName } from './partition-name.js';
export { SchemaRegistry } from './registry/schema-registry.js';
