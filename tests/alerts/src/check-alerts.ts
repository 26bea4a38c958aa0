/**
 * Checks the inputs of Prometheus with promtool: the configuration, the alert rules, their unit tests, and the syntax of each
 * dashboard query.  node tests/alerts/src/check-alerts.ts
 * Without promtool it prints a note and ends with 0: such a machine can still build and test everything else.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const observability = join(import.meta.dirname, '..', '..', '..', 'observability');
const dashboards = join(observability, 'grafana', 'dashboards');

interface Dashboard {
  readonly panels: readonly { readonly id: number; readonly targets?: readonly { readonly expr: string }[] }[];
}

/** @returns the complaint of promtool, if any */
function fault(...args: readonly string[]): string | undefined {
  const { error, status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  if (error) throw error;
  return status === 0 ? undefined : `promtool ${args.join(' ')}\n${stdout}${stderr}`;
}

/** The queries of a dashboard as recording rules, the only form in which promtool takes them. JSON is YAML too. */
function queriesAsRules(file: string): string {
  const { panels } = JSON.parse(readFileSync(file, 'utf8')) as Dashboard;
  const rules = panels.flatMap(({ id, targets = [] }) =>
    targets.map(({ expr }, i) => {
      return { record: 'query', expr: withoutVariables(expr), labels: { panel: String(id), i: String(i) } };
    }),
  );
  return JSON.stringify({ groups: [{ name: file, rules }] });
}

/** A query with the variables replaced as Grafana does. */
const withoutVariables = (expr: string): string => expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, '.*');

function checkAll(dir: string): string[] {
  const queries = readdirSync(dashboards).map((name) => {
    const rules = join(dir, name);
    writeFileSync(rules, queriesAsRules(join(dashboards, name)));
    return rules;
  });
  return [
    // Without `--syntax-only` the files of a container would have to be there: the token of the metrics' reader.
    fault('check', 'config', '--syntax-only', join(observability, 'prometheus', 'prometheus.yml')),
    fault('check', 'rules', join(observability, 'prometheus', 'alerts.yml')),
    fault('test', 'rules', join(observability, 'prometheus', 'alerts.test.yml')),
    fault('check', 'rules', ...queries),
  ].filter((it) => it !== undefined);
}

const { error } = spawnSync('promtool', ['--version']);
if (error === undefined) {
  const dir = mkdtempSync(join(tmpdir(), 'orderflow-alerts-'));
  try {
    const faults = checkAll(dir);
    for (const it of faults) console.error(it);
    process.exitCode = faults.length === 0 ? 0 : 1;
  } finally {
    rmSync(dir, { recursive: true });
  }
} else if ('code' in error && error.code === 'ENOENT') {
  console.log(
    'Not checked: alert rules and dashboard queries. promtool is missing (Debian: apt-get install prometheus).',
  );
} else throw error;
