import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demand, eventually } from '@orderflow/client';
import { freePort, hasEnded, SetupError, spawnGuarded } from '@orderflow/local';
import { parse } from 'yaml';
import { root } from '../../../ops/src/demo/running-system.ts';

const committed = join(root, 'observability', 'prometheus');
const READY_TIMEOUT_MS = 60_000;

/** One entry of https://prometheus.io/docs/prometheus/latest/querying/api/#alerts */
export interface Alert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  state: 'pending' | 'firing';
}

interface Rules {
  data: { groups: { lastEvaluation: string; rules: { name: string; type: string; lastError?: string }[] }[] };
}

interface Alerts {
  data: { alerts: Alert[] };
}

/** The names of the alerts that are committed, in their order. */
export function alertNames(): string[] {
  const { groups } = parse(readFileSync(join(committed, 'alerts.yml'), 'utf8')) as {
    groups: { rules: { alert?: string }[] }[];
  };
  return groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? []));
}

/** @throws SetupError when there is none */
export function prometheusCommand(): string {
  const command = process.env['PROMETHEUS_BIN'] || 'prometheus';
  if (spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0) return command;
  throw new SetupError(
    `Prometheus is missing ("${command}" does not run): apt-get install prometheus, or set PROMETHEUS_BIN to its path.`,
  );
}

/** The committed configuration, but for where the services are: intervals and rules are those of docker compose. */
function configFor(urls: Readonly<Record<string, string>>): string {
  const { global } = parse(readFileSync(join(committed, 'prometheus.yml'), 'utf8')) as { global: object };
  const jobs = Object.entries(urls).map(([name, url]) => ({
    job_name: name,
    static_configs: [{ targets: [new URL(url).host] }],
  }));
  // JSON is YAML.
  return JSON.stringify({ global, rule_files: [join(committed, 'alerts.yml')], scrape_configs: jobs });
}

/** A real Prometheus with the committed alert rules. */
export class Prometheus {
  readonly url: string;

  private constructor(url: string) {
    this.url = url;
  }

  /** @param urls of the services by name @throws SetupError when it does not come up */
  static async start(dir: string, urls: Readonly<Record<string, string>>): Promise<Prometheus> {
    const home = join(dir, 'prometheus');
    const log = join(home, 'prometheus.log');
    mkdirSync(home);
    writeFileSync(join(home, 'prometheus.yml'), configFor(urls));
    const address = `127.0.0.1:${await freePort()}`;
    const output = openSync(log, 'a');
    const args = ['--config.file=prometheus.yml', '--storage.tsdb.path=data', `--web.listen-address=${address}`];
    const child = spawnGuarded(prometheusCommand(), args, { cwd: home, stdio: ['ignore', output, output] });
    closeSync(output);
    const prometheus = new Prometheus(`http://${address}`);
    const up = async () => hasEnded(child) || demand(`${prometheus.url}/-/ready`);
    await eventually(up, READY_TIMEOUT_MS).catch(() => undefined);
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    if (hasEnded(child)) throw new SetupError(`Prometheus does not come up: ${lines.at(-1)}`);
    return prometheus;
  }

  /** What is pending or firing now. */
  async alerts(): Promise<Alert[]> {
    return (await demand<Alerts>(`${this.url}/api/v1/alerts`)).data.alerts;
  }

  /** When all rules were evaluated the last time, ms since 1970. @throws Error when one of them cannot be */
  async evaluatedAt(): Promise<number> {
    const { groups } = (await demand<Rules>(`${this.url}/api/v1/rules`)).data;
    const failed = groups.flatMap(({ rules }) => rules).find(({ lastError }) => lastError);
    if (failed !== undefined) throw new Error(`the rule ${failed.name} cannot be evaluated: ${failed.lastError}`);
    return Math.min(...groups.map(({ lastEvaluation }) => Date.parse(lastEvaluation)));
  }
}
