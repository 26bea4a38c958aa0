import { counter, gauges } from '@orderflow/telemetry';

// Names and labels are promised in docs/metrics.md.

const LABELS = ['messaging_destination_name', 'messaging_consumer_group_name', 'reason'];

export const skippedRecords = counter(
  'orderflow_skipped_records_total',
  'Records that were passed over: those that no service of this system wrote, and tombstones.',
  LABELS,
);

export const omittedRecords = counter(
  'orderflow_omitted_records_total',
  'Records that were parked without their bytes, because they are too large or their batch cannot be unpacked.',
  LABELS,
);

export const replacedPartitions = counter(
  'orderflow_replaced_partitions_total',
  'Partitions whose log is another one than the consumer group knew, or has lost its end: read from its beginning.',
  ['messaging_destination_name', 'messaging_consumer_group_name'],
);

/** How many of the service's topics had too few replicas when it last checked them; no value before that. */
export const topicsShortOfReplicas = {
  set(topics: number): void {
    const name = 'orderflow_topics_short_of_replicas';
    const help =
      'Topics of this service that had fewer replicas than TOPIC_REPLICAS or the brokers allow, at its start.';
    gauges(
      { [name]: { help } },
      () => ({ [name]: topics }),
      () => undefined,
    );
  },
};
