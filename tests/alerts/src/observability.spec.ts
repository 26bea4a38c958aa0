import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { drills } from './drills.ts';

interface Rule {
  alert?: string;
  record?: string;
  expr: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

interface Datasource {
  uid: string;
  type: string;
  jsonData?: { exemplarTraceIdDestinations?: { name: string; datasourceUid: string }[] };
}

interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  datasource?: Datasource;
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig?: { defaults: { unit?: string } };
  targets?: { expr: string; datasource: Datasource; exemplar?: boolean }[];
}

interface Dashboard {
  uid: string;
  panels: Panel[];
  annotations: { list: { datasource: Datasource }[] };
  templating: { list: { definition: string; datasource: Datasource }[] };
}

const root = join(import.meta.dirname, '..', '..', '..');
const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');
const grafana = join('observability', 'grafana');

const { groups } = parse(read('observability/prometheus/alerts.yml')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const alerts = rules.flatMap((rule) => (rule.alert === undefined ? [] : [[rule.alert, rule] as const]));
const alertNames = alerts.map(([name]) => name);
const dashboards = readdirSync(join(root, grafana, 'dashboards')).map(
  (name) => [name, JSON.parse(read(grafana, 'dashboards', name)) as Dashboard] as const,
);

const documented = new Set(
  read('docs/metrics.md')
    .split('\n')
    .flatMap((line) => /^\| `([\w:]+)`/.exec(line)?.[1] ?? []),
);

const WORDS = new Set(['and', 'or', 'unless', 'offset', 'by', 'le', 'bool']);

/** The metrics of a query, a histogram's parts as the histogram. */
function metricsIn(query: string): string[] {
  const bare = query
    .replace(/"[^"]*"/g, '')
    .replace(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .replace(/\b(by|without|on|ignoring)\s*\([^)]*\)/g, '')
    .replace(/\boffset\s+\w+/g, '');
  const names = [...bare.matchAll(/(?<![\w.])[a-zA-Z_:][\w:]*(?!\s*\(|[\w:])/g)].map(([name]) => name);
  return names
    .filter((name) => !WORDS.has(name))
    .map((name) => name.replace(/(?<=_(seconds|messages))_(bucket|sum|count)$/, ''));
}

const undocumented = (queries: readonly string[]): string[] =>
  queries.flatMap(metricsIn).filter((name) => !documented.has(name));

describe('the metrics of a query', () => {
  it('are found among functions, labels, ranges and numbers', () => {
    const query =
      'histogram_quantile(0.99, sum by (le, job) (rate(a_seconds_bucket{x="y_total"}[$__rate_interval]))) and b:c_total >= b:c_total offset 1m';
    expect(metricsIn(query)).toEqual(['a_seconds', 'b:c_total', 'b:c_total']);
  });
});

describe('docs/metrics.md', () => {
  it('has exactly the metrics of the code', () => {
    const sources = globSync('{apps,libs}/*/src/**/*.ts', {
      cwd: root,
      exclude: (path) => /generated|\.spec\.ts$/.test(path),
    });
    const NAME =
      /\b(?:orderflow|messaging|http_server|db_client)_(?:\w+_)?(?:total|seconds|messages|records|letters|pending|dead|unsettled|connections|requests|checks|replicas|orders)\b/g;
    const inCode = new Set(sources.flatMap((path) => read(path).match(NAME) ?? []));
    const own = [...documented].filter((name) => /^(orderflow|messaging|http_server|db_client)_/.test(name));
    expect(own.toSorted()).toEqual([...inCode].toSorted());
  });

  it('has every metric that a rule queries or records', () => {
    expect(undocumented(rules.map((rule) => rule.expr))).toEqual([]);
    expect(rules.flatMap((rule) => rule.record ?? []).filter((name) => !documented.has(name))).toEqual([]);
  });

  it.each(dashboards)('has every metric that %s queries', (_, { panels, templating }) => {
    const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const variables = templating.list.map(({ definition }) => definition.replace(/^label_values\((.*),.*\)$/, '$1'));
    expect(queries.length).toBeGreaterThan(5);
    expect(undocumented([...queries, ...variables])).toEqual([]);
  });
});

/** An alert is one word; what operators do without an alert has a heading of several, or is Tools. */
const isAlert = (heading: string): boolean => /^[A-Z]\w+$/.test(heading) && heading !== 'Tools';

describe('docs/runbook.md', () => {
  const headings = [...read('docs/runbook.md').matchAll(/^## (.+)$/gm)].map(([, heading]) => heading!);

  it('has an entry for each alert and for no other, in the order of the rules', () => {
    expect(headings.filter(isAlert)).toEqual(alertNames);
  });

  it.each(alerts)('is where %s points', (name, { annotations, labels }) => {
    expect(annotations).toMatchObject({
      summary: expect.any(String),
      description: expect.any(String),
      runbook_url: `docs/runbook.md#${name.toLowerCase()}`,
    });
    expect(['critical', 'warning']).toContain(labels?.['severity']);
  });
});

describe('alerts.test.yml', () => {
  const { tests } = parse(read('observability/prometheus/alerts.test.yml')) as {
    tests: { alert_rule_test: { alertname: string; exp_alerts?: unknown[] }[] }[];
  };

  it.each(alertNames)('has a case in which %s fires, and two or more in which it does not', (alert) => {
    const about = tests.map(({ alert_rule_test: cases }) => cases.filter(({ alertname }) => alertname === alert));
    expect(about.filter((cases) => cases.some((it) => it.exp_alerts)).length).toBeGreaterThanOrEqual(1);
    const quiet = about.filter((cases) => cases.length > 0 && cases.every((it) => it.exp_alerts === undefined));
    expect(quiet.length).toBeGreaterThanOrEqual(2);
  });
});

describe('the game days', () => {
  it('have a drill for each alert and for no other', () => {
    expect(drills.map(({ alert }) => alert).toSorted()).toEqual(alertNames.toSorted());
  });
});

describe('the dashboards', () => {
  const { datasources } = parse(read(grafana, 'provisioning', 'datasources', 'datasources.yml')) as {
    datasources: Datasource[];
  };
  const types = new Map(datasources.map(({ uid, type }) => [uid, type]));

  it('each have a uid of their own', () => {
    expect(new Set(dashboards.map(([, { uid }]) => uid)).size).toBe(dashboards.length);
  });

  it('lead from an exemplar to a datasource of traces', () => {
    const destinations = datasources.flatMap(({ jsonData }) => jsonData?.exemplarTraceIdDestinations ?? []);
    expect(destinations.map(({ name, datasourceUid }) => [name, types.get(datasourceUid)])).toEqual([
      ['trace_id', 'jaeger'],
    ]);
  });

  it.each(dashboards)('query only provisioned datasources: %s', (_, { panels, templating, annotations }) => {
    const queries = [
      ...panels,
      ...panels.flatMap(({ targets = [] }) => targets),
      ...templating.list,
      ...annotations.list,
    ];
    const queried = queries.flatMap(({ datasource }) => datasource ?? []);
    expect(queried.filter(({ uid, type }) => types.get(uid) !== type)).toEqual([]);
  });

  it.each(dashboards)('have panels with distinct ids that do not overlap: %s', (_, { panels }) => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(panels.filter(({ gridPos: { x, w } }) => x < 0 || x + w > 24)).toEqual([]);
    const pairs = panels.flatMap((panel, i) => panels.slice(i + 1).map((other) => [panel, other] as const));
    const overlaps = pairs.filter(
      ([{ gridPos: a }, { gridPos: b }]) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h,
    );
    expect(overlaps.map(([a, b]) => `${a.title} and ${b.title}`)).toEqual([]);
  });

  it.each(dashboards)('have a description and a unit for each panel: %s', (_, { panels }) => {
    const shown = panels.filter(({ type }) => type !== 'row');
    const bare = shown.filter((it) => !it.description?.endsWith('.') || it.fieldConfig?.defaults.unit === undefined);
    expect(bare.map(({ title }) => title)).toEqual([]);
  });

  it.each(dashboards)('show exemplars with each duration over time: %s', (_, { panels }) => {
    const durations = panels
      .filter(({ type }) => type === 'timeseries')
      .flatMap(({ targets = [] }) => targets)
      .filter(({ expr }) => expr.includes('_seconds_bucket'));
    expect(durations.length).toBeGreaterThan(0);
    expect(durations.filter(({ exemplar }) => exemplar !== true)).toEqual([]);
  });
});
