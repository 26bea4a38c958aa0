import { counter } from '@orderflow/telemetry';

// Names and labels are promised in docs/metrics.md.

const LABELS = ['messaging_destination_name', 'messaging_consumer_group_name', 'reason'];

export const skippedRecords = counter(
  'orderflow_skipped_records_total',
  'Records that were passed over: of a type that no service of this system knows, or tombstones.',
  LABELS,
);

export const omittedRecords = counter(
  'orderflow_omitted_records_total',
  'Records that were parked without their bytes, because they are too large or their batch cannot be unpacked.',
  LABELS,
);

export const expiredRecords = counter(
  'orderflow_expired_records_total',
  'Records that expired before a consumer group had consumed them, as it found out when it joined.',
  ['messaging_destination_name', 'messaging_consumer_group_name'],
);
