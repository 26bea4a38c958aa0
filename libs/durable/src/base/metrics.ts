import { counter, DURATION_SECONDS, histogram } from '@orderflow/telemetry';

// Names and labels are promised in docs/metrics.md.

export const sentMessages = counter(
  'messaging_client_sent_messages_total',
  'Records that the broker has acknowledged.',
  ['messaging_destination_name'],
);

export const outboxWait = histogram(
  'orderflow_outbox_wait_seconds',
  'From the commit of an event until the broker has acknowledged it.',
  [...DURATION_SECONDS, 30, 60, 300],
);

export const processDuration = histogram(
  'messaging_process_duration_seconds',
  'From the delivery of a record until what became of it is committed.',
  DURATION_SECONDS,
  ['messaging_destination_name', 'messaging_consumer_group_name', 'outcome'],
);

export const batchSize = histogram(
  'orderflow_batch_size_messages',
  'How many commands shared one transaction.',
  [1, 2, 5, 10, 20, 50, 100, 200, 500],
  ['group'],
);

export const batchDuration = histogram(
  'orderflow_batch_duration_seconds',
  'How long the transaction of a batch took.',
  DURATION_SECONDS,
  ['group'],
);

export const events = counter('orderflow_events_total', 'Events committed to the outbox.', ['type']);

export const callDuration = histogram(
  'orderflow_external_call_duration_seconds',
  'One attempt of a call outside, until its answer or until it was given up.',
  DURATION_SECONDS,
  ['kind', 'outcome'],
);
