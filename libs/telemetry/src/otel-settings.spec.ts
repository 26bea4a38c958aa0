import { describe, expect, it } from '@jest/globals';
import { readSettings, type TraceSettings } from './otel-settings.js';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

const tracesOf = (env: Record<string, string>): TraceSettings => {
  const { traces, notes } = readSettings({ ...ENDPOINT, ...env });
  expect(notes).toEqual([]);
  return traces!;
};
const notesOf = (env: Record<string, string>): readonly string[] => readSettings({ ...ENDPOINT, ...env }).notes;

describe('the environment variables of OpenTelemetry', () => {
  it.each<[env: Record<string, string>, exporters: string[] | undefined]>([
    [{}, undefined],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, undefined],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://h' }, ['otlp']],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://h/v1/traces' }, ['otlp']],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, ['otlp']],
    [{ OTEL_TRACES_EXPORTER: 'console' }, ['console']],
    [{ OTEL_TRACES_EXPORTER: ' OTLP, console,otlp' }, ['otlp', 'console']],
    [{ OTEL_TRACES_EXPORTER: 'none', ...ENDPOINT }, undefined],
    [{ OTEL_TRACES_EXPORTER: '', ...ENDPOINT }, ['otlp']],
    [{ OTEL_SDK_DISABLED: 'True', ...ENDPOINT }, undefined],
    [{ OTEL_SDK_DISABLED: 'false', ...ENDPOINT }, ['otlp']],
  ])('%j choose the exporters %j', (env, exporters) => {
    const { traces, notes } = readSettings(env);
    expect(traces?.exporters).toEqual(exporters);
    expect(notes).toEqual([]);
  });

  it.each<[env: Record<string, string>, expected: object]>([
    [{}, { protocol: 'http/protobuf' }],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, { protocol: 'grpc' }],
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' },
      { protocol: 'http/json' },
    ],
    [{}, { sampling: { root: 'always_on', followsParent: true } }],
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, { sampling: { root: 'always_off', followsParent: false } }],
    [
      { OTEL_TRACES_SAMPLER: 'ParentBased_TraceIdRatio', OTEL_TRACES_SAMPLER_ARG: '0.05' },
      { sampling: { root: 'traceidratio', followsParent: true, ratio: 0.05 } },
    ],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio' }, { sampling: { root: 'traceidratio', followsParent: false, ratio: 1 } }],
    [{}, { batch: { scheduledDelayMillis: 5_000, exportTimeoutMillis: 30_000, maxQueueSize: 32_768 } }],
    [
      {
        OTEL_BSP_SCHEDULE_DELAY: '500',
        OTEL_BSP_EXPORT_TIMEOUT: '7',
        OTEL_BSP_MAX_QUEUE_SIZE: '100',
        OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10',
      },
      { batch: { scheduledDelayMillis: 500, exportTimeoutMillis: 7, maxQueueSize: 100, maxExportBatchSize: 10 } },
    ],
    [{ OTEL_BSP_MAX_QUEUE_SIZE: '100' }, { batch: { maxQueueSize: 100, maxExportBatchSize: 100 } }],
    [
      { OTEL_ATTRIBUTE_COUNT_LIMIT: '4', OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '5', OTEL_SPAN_LINK_COUNT_LIMIT: '0' },
      { limits: { attributeCountLimit: 4, attributeValueLengthLimit: 5, linkCountLimit: 0, eventCountLimit: 128 } },
    ],
    [
      { OTEL_ATTRIBUTE_COUNT_LIMIT: '4', OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '6', OTEL_SPAN_EVENT_COUNT_LIMIT: '1' },
      { limits: { attributeCountLimit: 6, attributeValueLengthLimit: Infinity, eventCountLimit: 1 } },
    ],
  ])('%j are read as %j', (env, expected) => {
    expect(tracesOf(env)).toMatchObject(expected);
  });

  it.each<[env: Record<string, string>, note: string]>([
    [{ OTEL_SDK_DISABLED: 'yes' }, 'OTEL_SDK_DISABLED=yes: is neither true nor false and counts as false'],
    [
      { OTEL_TRACES_EXPORTER: 'zipkin' },
      'OTEL_TRACES_EXPORTER=zipkin: zipkin is not supported, only otlp, console, none',
    ],
    [{ OTEL_TRACES_EXPORTER: 'none,otlp' }, 'OTEL_TRACES_EXPORTER=none,otlp: none beside other exporters is ignored'],
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'http' },
      'OTEL_EXPORTER_OTLP_PROTOCOL=http: is unknown and ignored, use grpc, http/protobuf, http/json',
    ],
    [
      { OTEL_TRACES_SAMPLER: 'parentbased_ratio' },
      'OTEL_TRACES_SAMPLER=parentbased_ratio: is unknown and ignored, use always_on, always_off, traceidratio, ' +
        'parentbased_always_on, parentbased_always_off, parentbased_traceidratio',
    ],
    [
      { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '5%' },
      'OTEL_TRACES_SAMPLER_ARG=5%: is no number from 0 to 1 and is ignored',
    ],
    [{ OTEL_BSP_SCHEDULE_DELAY: '0' }, 'OTEL_BSP_SCHEDULE_DELAY=0: is no whole number from 1 and is ignored'],
    [
      { OTEL_BSP_MAX_QUEUE_SIZE: '9', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10' },
      'OTEL_BSP_MAX_EXPORT_BATCH_SIZE=10: is no whole number from 1 to 9 and is ignored',
    ],
    [
      { OTEL_CONFIG_FILE: 'otel.yaml' },
      'OTEL_CONFIG_FILE=otel.yaml: a configuration file is not supported; the other OTEL_ variables hold',
    ],
    [
      { OTEL_EXPERIMENTAL_CONFIG_FILE: 'o\n' + 'x'.repeat(200) },
      `OTEL_EXPERIMENTAL_CONFIG_FILE=o\\n${'x'.repeat(98)}: a configuration file is not supported; the other OTEL_ variables hold`,
    ],
    [
      { OTEL_PROPAGATORS: 'tracecontext,b3' },
      'OTEL_PROPAGATORS=tracecontext,b3: b3 is not supported, only tracecontext',
    ],
    [
      { OTEL_METRICS_EXPORTER: 'otlp' },
      'OTEL_METRICS_EXPORTER=otlp: otlp is not supported: metrics are at GET /metrics',
    ],
    [{ OTEL_LOGS_EXPORTER: 'otlp' }, 'OTEL_LOGS_EXPORTER=otlp: otlp is not supported: logs are lines on stdout'],
    [
      { OTEL_RESOURCE_ATTRIBUTES: 'team=shop,region' },
      'OTEL_RESOURCE_ATTRIBUTES=team=shop,region: is no list of key=value and is ignored',
    ],
    [
      { OTEL_RESOURCE_ATTRIBUTES: 'team=100%' },
      'OTEL_RESOURCE_ATTRIBUTES=team=100%: is no list of key=value and is ignored',
    ],
  ])('%j are noted in one line', (env, note) => {
    expect(notesOf(env)).toEqual([note]);
    expect(note).not.toContain('\n');
  });

  it('are noted where they choose a sampler and nothing exports', () => {
    const { traces, notes } = readSettings({ OTEL_TRACES_SAMPLER: 'always_on' });
    expect(traces).toBeUndefined();
    expect(notes).toEqual([
      'OTEL_TRACES_SAMPLER=always_on: there are no traces without OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_TRACES_EXPORTER',
    ]);
  });
});
