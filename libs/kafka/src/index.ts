export type {
  Appended,
  Broker,
  ConsumedOffset,
  ConsumedOffsets,
  ExpiredRange,
  Omitted,
  OutgoingRecord,
  PartitionEnd,
  PartitionLag,
  Publisher,
  RawRecord,
  RunningConsumer,
  Subscription,
} from './broker.js';
export { type CloudEvent, toCloudEvent } from './codec/cloud-event.js';
export { envelopeSchema, subjectOf } from './codec/envelope-schema.js';
export { EventCodec } from './codec/event-codec.js';
export { eventHeaders } from './codec/record-headers.js';
export type { AppliedAcls } from './driver/acls.js';
export { KafkajsBroker } from './driver/kafkajs-broker.js';
export { type ReplayPlan, Replays } from './driver/replays.js';
export { type KafkaLogin, type KafkaSecurity, kafkaSecurityFrom, kafkaSecurityOf } from './driver/security.js';
export { BadRecord, isTransient, PublishRefused, RegistrySetupError, TransientError } from './errors.js';
export { deliveriesOf, type Delivery } from './nest/deliveries.js';
export { EventStrategy } from './nest/event-strategy.js';
export { partitionName } from './partition-name.js';
export { orRegistryAway, resolveSchemas } from './registry/resolve-schemas.js';
export { type RegistryAnswers, RememberedRegistry } from './registry/remembered-registry.js';
export { SchemaRegistry } from './registry/schema-registry.js';
