/**
 * Checks what Prometheus is to read, with its own tool: the configuration, the alert rules and their unit tests, and that each
 * query of the dashboards is PromQL.  node tests/alerts/src/check-alerts.ts
 * Where there is no promtool it says so and ends with 0: a machine without it can still build and test everything else.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const observability = join(import.meta.dirname, '..', '..', '..', 'observability');
const dashboards = join(observability, 'grafana', 'dashboards');

interface Panel {
  readonly id: number;
  readonly targets?: readonly { readonly expr?: string }[];
}

function hasPromtool(): boolean {
  const { error } = spawnSync('promtool', ['--version']);
  if (error && !('code' in error && error.code === 'ENOENT')) throw error;
  return error === undefined;
}

/** @returns what promtool has to say against it, or nothing */
function fault(...args: readonly string[]): string | undefined {
  const { error, status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  if (error) throw error;
  return status === 0 ? undefined : `promtool ${args.join(' ')}\n${stdout}${stderr}`;
}

/** The queries of a dashboard as recording rules, the only form in which promtool takes them. JSON is YAML too. */
function queriesAsRules(file: string): string {
  const { panels } = JSON.parse(readFileSync(file, 'utf8')) as { panels: readonly Panel[] };
  const rules = panels.flatMap(({ id, targets = [] }) =>
    targets.flatMap(({ expr }, i) =>
      expr === undefined
        ? []
        : [{ record: 'query', expr: withoutVariables(expr), labels: { panel: String(id), i: String(i) } }],
    ),
  );
  return JSON.stringify({ groups: [{ name: file, rules }] });
}

/** What Grafana puts in. */
const withoutVariables = (expr: string): string => expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, '.*');

function faults(dir: string): string[] {
  const queries = readdirSync(dashboards).map((name) => {
    const rules = join(dir, name);
    writeFileSync(rules, queriesAsRules(join(dashboards, name)));
    return rules;
  });
  const found = [
    // Reads the rules that the configuration names, too.
    fault('check', 'config', join(observability, 'prometheus', 'prometheus.yml')),
    fault('test', 'rules', join(observability, 'prometheus', 'alerts.test.yml')),
    fault('check', 'rules', ...queries),
  ];
  return found.filter((it) => it !== undefined);
}

if (hasPromtool()) {
  const dir = mkdtempSync(join(tmpdir(), 'orderflow-alerts-'));
  try {
    const found = faults(dir);
    for (const it of found) console.error(it);
    process.exitCode = found.length === 0 ? 0 : 1;
  } finally {
    rmSync(dir, { recursive: true });
  }
} else {
  console.log(
    'Not checked: alert rules and dashboard queries. promtool is missing (Debian: apt-get install prometheus).',
  );
}
