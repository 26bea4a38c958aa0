import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TraceSink } from './support/trace-sink.js';
import { tracedProbe } from './support/traced-probe.js';

const sink = new TraceSink();
beforeAll(async () => sink.open());
afterAll(async () => sink.close());

describe('a process that is told where its traces go', () => {
  it.each<[what: string, env: (url: string) => Record<string, string>, seen: object]>([
    [
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      (url) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/base` }),
      { path: '/base/v1/traces', contentType: 'application/x-protobuf' },
    ],
    [
      'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT alone, as it is',
      (url) => ({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/spans` }),
      { path: '/spans', contentType: 'application/x-protobuf' },
    ],
    [
      'OTEL_EXPORTER_OTLP_PROTOCOL=http/json',
      (url) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }),
      { path: '/v1/traces', contentType: 'application/json' },
    ],
    [
      'OTEL_EXPORTER_OTLP_HEADERS and _COMPRESSION',
      (url) => ({
        OTEL_EXPORTER_OTLP_ENDPOINT: url,
        OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=shop%201',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      }),
      { contentEncoding: 'gzip', tenant: 'shop 1' },
    ],
  ])('sends them by %s', async (_what, env, expected) => {
    const { name, stderr } = await tracedProbe(env(sink.httpUrl));
    expect(stderr).toBe('');
    expect(sink.requestWith(name)).toMatchObject(expected);
  });

  it('sends them by gRPC', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: sink.grpcUrl, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    const { name, stderr } = await tracedProbe(env);
    expect(stderr).toBe('');
    expect(sink.requestWith(name)).toMatchObject({
      path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      contentType: 'application/grpc',
    });
  });

  it('describes itself by OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, and keeps the limits of attributes', async () => {
    const { name } = await tracedProbe({
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.httpUrl,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_SERVICE_NAME: 'probe-service',
      OTEL_RESOURCE_ATTRIBUTES: 'team=shop',
      OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '3',
    });
    const { body } = sink.requestWith(name)!;
    for (const text of ['probe-service', '"team"', '"shop"', '"stringValue":"abc"']) expect(body).toContain(text);
  });
});

describe('a process', () => {
  it.each<[what: string, env: Record<string, string>]>([
    ['OTEL_TRACES_EXPORTER=none', { OTEL_TRACES_EXPORTER: 'none' }],
    ['OTEL_SDK_DISABLED=true', { OTEL_SDK_DISABLED: 'true' }],
    ['OTEL_TRACES_SAMPLER=always_off', { OTEL_TRACES_SAMPLER: 'always_off' }],
  ])('sends no trace with %s', async (_what, env) => {
    const { name, stderr } = await tracedProbe({ OTEL_EXPORTER_OTLP_ENDPOINT: sink.httpUrl, ...env });
    expect(stderr).toBe('');
    expect(sink.requestWith(name)).toBeUndefined();
  });

  it('prints its traces with OTEL_TRACES_EXPORTER=console', async () => {
    const { name, stdout } = await tracedProbe({ OTEL_TRACES_EXPORTER: 'console' });
    expect(stdout).toContain(name);
  });

  it('says in one line which variable has no effect, and records its traces', async () => {
    const { name, stderr } = await tracedProbe({
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.httpUrl,
      OTEL_TRACES_SAMPLER: 'parentbased_ratio',
      OTEL_CONFIG_FILE: 'otel.yaml',
    });
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/^telemetry: OTEL_(TRACES_SAMPLER|CONFIG_FILE)=/);
    expect(sink.requestWith(name)).toBeDefined();
  });

  it('says in one line which variable of the exporter has no effect', async () => {
    const { stderr } = await tracedProbe({
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.httpUrl,
      OTEL_EXPORTER_OTLP_COMPRESSION: 'zip',
    });
    expect(stderr).toMatch(/^telemetry: [^\n]*OTEL_EXPORTER_OTLP_COMPRESSION[^\n]*\n$/);
  });
});
