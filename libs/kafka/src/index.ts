export type {
  Broker,
  OutgoingRecord,
  PartitionLag,
  Publisher,
  RawRecord,
  RunningConsumer,
  Subscription,
} from './broker.js';
export { toCloudEvent, fromCloudEvent, type CloudEvent } from './codec/cloud-event.js';
export { envelopeSchema, subjectOf } from './codec/envelope-schema.js';
export { EventCodec, type EventCodecOptions } from './codec/event-codec.js';
export { KafkajsBroker, type KafkajsBrokerOptions } from './driver/kafkajs-broker.js';
export { type ReplayPlan, Replays, type Rewind } from './driver/replays.js';
export type { Log } from './driver/settings.js';
export {
  BadRecord,
  type BadReason,
  isTransient,
  KafkaSetupError,
  PublishRefused,
  RegistrySetupError,
  TransientError,
  UnknownSchema,
} from './errors.js';
export { deliveriesOf, type Delivery } from './nest/deliveries.js';
export { EventStrategy, type EventStrategyOptions } from './nest/event-strategy.js';
export { SchemaRegistry } from './registry/schema-registry.js';
export { topicsHeardBy } from './topics-heard.js';
