import { EnvReader } from './otel-env.js';

// Meaning and defaults by https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ and
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/. The exporters read what is theirs alone (headers, compression,
// certificates, time-out) by themselves.

const EXPORTERS = ['otlp', 'console', 'none'] as const;
const PROTOCOLS = ['grpc', 'http/protobuf', 'http/json'] as const;
const ROOTS = ['always_on', 'always_off', 'traceidratio'] as const;
const SAMPLERS = [...ROOTS, ...ROOTS.map((root) => `parentbased_${root}` as const)];

export interface Sampling {
  readonly root: (typeof ROOTS)[number];
  /** Whether the decision of the parent holds for its children. */
  readonly followsParent: boolean;
  /** Of `traceidratio`, 0 to 1. */
  readonly ratio: number;
}

/** Limits of a span; what exceeds them is dropped or cut. */
export interface SpanLimits {
  readonly attributeCountLimit: number;
  readonly attributeValueLengthLimit: number;
  readonly eventCountLimit: number;
  readonly linkCountLimit: number;
  readonly attributePerEventCountLimit: number;
  readonly attributePerLinkCountLimit: number;
}

export interface TraceSettings {
  readonly exporters: readonly ('otlp' | 'console')[];
  /** Of the exporter `otlp`. */
  readonly protocol: (typeof PROTOCOLS)[number];
  readonly sampling: Sampling;
  readonly limits: SpanLimits;
  readonly batch: {
    readonly scheduledDelayMillis: number;
    readonly exportTimeoutMillis: number;
    readonly maxQueueSize: number;
    readonly maxExportBatchSize: number;
  };
}

/**
 * The settings of the environment variables of OpenTelemetry.
 * @returns `traces`: undefined where no spans are to be recorded; `notes`: one line for each variable that has no effect
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): {
  readonly traces: TraceSettings | undefined;
  readonly notes: readonly string[];
} {
  const read = new EnvReader(env);
  const isDisabled = read.flag('OTEL_SDK_DISABLED');
  if (isDisabled) return { traces: undefined, notes: [] };
  const exporters = exportersOf(read);
  refuseUnsupported(read);
  const traces: TraceSettings = {
    exporters: exporters ?? [],
    protocol:
      read.choice('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', PROTOCOLS) ??
      read.choice('OTEL_EXPORTER_OTLP_PROTOCOL', PROTOCOLS) ??
      'http/protobuf',
    sampling: samplingOf(read),
    limits: limitsOf(read),
    batch: batchOf(read),
  };
  if (exporters === undefined && read.isSet('OTEL_TRACES_SAMPLER'))
    read.note('OTEL_TRACES_SAMPLER', 'there are no traces without OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_TRACES_EXPORTER');
  return { traces: traces.exporters.length > 0 ? traces : undefined, notes: read.notes };
}

/** @returns undefined where nothing asks for traces. The default of the specification would send them to a local port. */
function exportersOf(read: EnvReader): readonly ('otlp' | 'console')[] | undefined {
  const chosen = read.choices('OTEL_TRACES_EXPORTER', EXPORTERS);
  const exporters = chosen.filter((exporter) => exporter !== 'none');
  if (chosen.length > exporters.length && exporters.length > 0)
    read.note('OTEL_TRACES_EXPORTER', 'none beside other exporters is ignored');
  if (chosen.length > 0) return exporters;
  const hasEndpoint = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'].some((key) =>
    read.isSet(key),
  );
  return hasEndpoint ? ['otlp'] : undefined;
}

function samplingOf(read: EnvReader): Sampling {
  const sampler = read.choice('OTEL_TRACES_SAMPLER', SAMPLERS) ?? 'parentbased_always_on';
  const root = ROOTS.find((name) => sampler.endsWith(name))!;
  const ratio = root === 'traceidratio' ? read.number('OTEL_TRACES_SAMPLER_ARG', 1, { most: 1 }) : 1;
  return { root, followsParent: sampler !== root, ratio };
}

function limitsOf(read: EnvReader): SpanLimits {
  const whole = { isWhole: true };
  const count = read.number('OTEL_ATTRIBUTE_COUNT_LIMIT', 128, whole);
  const length = read.number('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', Infinity, whole);
  return {
    attributeCountLimit: read.number('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', count, whole),
    attributeValueLengthLimit: read.number('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', length, whole),
    eventCountLimit: read.number('OTEL_SPAN_EVENT_COUNT_LIMIT', 128, whole),
    linkCountLimit: read.number('OTEL_SPAN_LINK_COUNT_LIMIT', 128, whole),
    attributePerEventCountLimit: read.number('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', 128, whole),
    attributePerLinkCountLimit: read.number('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT', 128, whole),
  };
}

// One order has about twenty spans: the default queue of 2,048 would drop most of a burst.
const QUEUE = 32_768;
const BATCH = 2_048;

function batchOf(read: EnvReader): TraceSettings['batch'] {
  const positive = { isWhole: true, least: 1 };
  const maxQueueSize = read.number('OTEL_BSP_MAX_QUEUE_SIZE', QUEUE, positive);
  const fitting = Math.min(BATCH, maxQueueSize);
  return {
    scheduledDelayMillis: read.number('OTEL_BSP_SCHEDULE_DELAY', 5_000, positive),
    exportTimeoutMillis: read.number('OTEL_BSP_EXPORT_TIMEOUT', 30_000, positive),
    maxQueueSize,
    maxExportBatchSize: read.number('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', fitting, { ...positive, most: maxQueueSize }),
  };
}

function refuseUnsupported(read: EnvReader): void {
  for (const key of ['OTEL_CONFIG_FILE', 'OTEL_EXPERIMENTAL_CONFIG_FILE'])
    if (read.isSet(key)) read.note(key, 'a configuration file is not supported; the other OTEL_ variables hold');
  for (const name of read.list('OTEL_PROPAGATORS'))
    if (name !== 'tracecontext') read.note('OTEL_PROPAGATORS', `${name} is not supported, only tracecontext`);
  for (const name of read.list('OTEL_METRICS_EXPORTER'))
    if (name !== 'none') read.note('OTEL_METRICS_EXPORTER', `${name} is not supported: metrics are at GET /metrics`);
  for (const name of read.list('OTEL_LOGS_EXPORTER'))
    if (name !== 'none') read.note('OTEL_LOGS_EXPORTER', `${name} is not supported: logs are lines on stdout`);
  const attributes = read.list('OTEL_RESOURCE_ATTRIBUTES');
  if (!attributes.every(isAttribute)) read.note('OTEL_RESOURCE_ATTRIBUTES', 'is no list of key=value and is ignored');
}

// As the SDK reads them: one that it cannot read makes it ignore all of them, without a word.
function isAttribute(pair: string): boolean {
  try {
    return /^[^=]+=[^=]*$/.test(pair) && pair.split('=').every((part) => decodeURIComponent(part.trim()).length <= 255);
  } catch {
    // A percent sign that encodes nothing.
    return false;
  }
}
