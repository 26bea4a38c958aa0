import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demand } from '@orderflow/client';
import { freePort, SetupError, startDaemon } from '@orderflow/local';
import { parse } from 'yaml';
import { root } from '../../../ops/src/demo/running-system.ts';

const committed = join(root, 'observability', 'prometheus');

/** One entry of https://prometheus.io/docs/prometheus/latest/querying/api/#alerts */
export interface Alert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: 'pending' | 'firing';
}

interface Rules {
  data: { groups: { lastEvaluation: string; rules: { name: string; type: string; lastError?: string }[] }[] };
}

/** @throws SetupError when it is missing */
export function prometheusCommand(): string {
  const command = process.env['PROMETHEUS_BIN'] || 'prometheus';
  if (spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0) return command;
  throw new SetupError(
    `Prometheus is missing ("${command}" does not run): apt-get install prometheus, or set PROMETHEUS_BIN to its path.`,
  );
}

/** The committed configuration with other targets: intervals and rules are those of docker compose. */
function configFor(urls: Readonly<Record<string, string>>): string {
  const { global } = parse(readFileSync(join(committed, 'prometheus.yml'), 'utf8')) as { global: object };
  const jobs = Object.entries(urls).map(([name, url]) => ({
    job_name: name,
    static_configs: [{ targets: [new URL(url).host] }],
  }));
  // JSON is YAML.
  return JSON.stringify({ global, rule_files: [join(committed, 'alerts.yml')], scrape_configs: jobs });
}

/**
 * Starts a real Prometheus with the committed alert rules.
 * @param urls of the services by name
 * @returns its URL
 * @throws SetupError when it does not start
 */
export async function startPrometheus(dir: string, urls: Readonly<Record<string, string>>): Promise<string> {
  const home = join(dir, 'prometheus');
  mkdirSync(home);
  writeFileSync(join(home, 'prometheus.yml'), configFor(urls));
  const address = `127.0.0.1:${await freePort()}`;
  await startDaemon({
    name: 'Prometheus',
    command: prometheusCommand(),
    args: ['--config.file=prometheus.yml', '--storage.tsdb.path=data', `--web.listen-address=${address}`],
    options: { cwd: home },
    log: join(home, 'prometheus.log'),
    ready: async () => demand(`http://${address}/-/ready`),
  });
  return `http://${address}`;
}

/** The alerts that are pending or firing. */
export async function alertsAt(prometheus: string): Promise<Alert[]> {
  return (await demand<{ data: { alerts: Alert[] } }>(`${prometheus}/api/v1/alerts`)).data.alerts;
}

/** When all rules were last evaluated, ms since the epoch. @throws Error when the evaluation of one fails */
export async function evaluatedAt(prometheus: string): Promise<number> {
  const { groups } = (await demand<Rules>(`${prometheus}/api/v1/rules`)).data;
  const failed = groups.flatMap(({ rules }) => rules).find(({ lastError }) => lastError);
  if (failed !== undefined) throw new Error(`the evaluation of the rule ${failed.name} fails: ${failed.lastError}`);
  return Math.min(...groups.map(({ lastEvaluation }) => Date.parse(lastEvaluation)));
}
