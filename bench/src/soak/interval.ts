import { type ServiceName, serviceNames } from '@orderflow/client';
import { services } from '@orderflow/contracts';
import { connected, databaseUrlOf } from '@orderflow/local';
import { type MeasuredSystem, type Sizes, sizesOf } from '../growth/sizes.ts';
import { cpuTimesOf } from '../load-cpu.ts';
import { memoryOf } from '../process-memory.ts';
import { quantile } from '../statistics.ts';

export interface SoakedSystem extends MeasuredSystem {
  readonly infrastructurePids: Readonly<Record<string, number>>;
  readonly pidOf: (name: ServiceName) => number;
}

/** Tables whose rows live for seconds: their size must not follow the number of orders. */
const TRANSIENT = new Set(['outbox', 'external_calls', 'deadlines', 'parked']);

// From POST to the last event that settles a confirmed order, by the clock of the services. Null where none is.
const SETTLED = `
  SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM updated_at - placed_at)) * 1000 AS p50,
         percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM updated_at - placed_at)) * 1000 AS p99,
         (SELECT count(*)::int FROM order_views WHERE NOT settled) AS open
  FROM order_views WHERE settled AND status = 'confirmed' AND placed_at >= $1`;

interface Settled {
  readonly p50: number | null;
  readonly p99: number | null;
  /** Orders that are not settled, of all. */
  readonly open: number;
}

const MIB = 1024 * 1024;

/** Of PostgreSQL no memory is given: its processes share most of theirs. */
function memoryCell({ pidOf, infrastructurePids }: SoakedSystem): string {
  const pids = [...serviceNames.map(pidOf), infrastructurePids['kafka']];
  return pids.map((pid) => (pid === undefined ? '–' : memoryOf(pid).resident.toFixed(0))).join(' ');
}

function cpuMsOf({ pidOf, infrastructurePids }: SoakedSystem): number {
  const times = cpuTimesOf({
    ...infrastructurePids,
    ...Object.fromEntries(serviceNames.map((name) => [name, pidOf(name)])),
  });
  return Object.values(times).reduce((sum, ms) => sum + ms, 0);
}

function sumOf(sizes: Sizes, isCounted: (service: string, table: string) => boolean): number {
  const counted = [...sizes].filter(([name]) => {
    const [service = '', table = ''] = name.split('.');
    return services.some((it) => it === service) && isCounted(service, table);
  });
  return counted.reduce((sum, [, { bytes }]) => sum + bytes, 0);
}

/** Some minutes of the run, with what the system was at their beginning. */
export class Interval {
  static readonly heading = [
    'POST p50, p99 ms',
    'settled p50, p99 ms',
    'open',
    'CPU ms an order',
    'kept bytes an order',
    'transient MiB',
    'topics, bytes an order',
    'MiB: ' + [...serviceNames, 'kafka'].join(' '),
  ];

  private readonly system: SoakedSystem;
  private readonly began = new Date();
  private readonly sizes: Sizes;
  private readonly cpuMs: number;

  private constructor(system: SoakedSystem, sizes: Sizes) {
    this.system = system;
    this.sizes = sizes;
    this.cpuMs = cpuMsOf(system);
  }

  static async begin(system: SoakedSystem): Promise<Interval> {
    return new Interval(system, await sizesOf(system));
  }

  /** @param latencies of the accepted POSTs, ms @returns a cell for each word of the heading */
  async end(latencies: readonly number[]): Promise<string[]> {
    const orders = latencies.length;
    // Before the sizes: counting the rows is work as well.
    const cpuMs = cpuMsOf(this.system) - this.cpuMs;
    const { p50, p99, open } = await this.settled();
    const sizes = await sizesOf(this.system);
    const grown = (isCounted: (service: string, table: string) => boolean) =>
      ((sumOf(sizes, isCounted) - sumOf(this.sizes, isCounted)) / orders).toFixed(0);
    const topics = (of: Sizes) =>
      [...of].reduce((sum, [name, it]) => sum + (name.startsWith('topic ') ? it.bytes : 0), 0);
    return [
      `${quantile(latencies, 0.5).toFixed(0)} ${quantile(latencies, 0.99).toFixed(0)}`,
      `${p50?.toFixed(0) ?? '–'} ${p99?.toFixed(0) ?? '–'}`,
      `${open}`,
      (cpuMs / orders).toFixed(1),
      grown((_service, table) => !TRANSIENT.has(table)),
      (sumOf(sizes, (_service, table) => TRANSIENT.has(table)) / MIB).toFixed(1),
      ((topics(sizes) - topics(this.sizes)) / orders).toFixed(0),
      memoryCell(this.system),
    ];
  }

  private async settled(): Promise<Settled> {
    const { databaseUrl, databasePrefix } = this.system;
    return connected(databaseUrlOf(databaseUrl, `${databasePrefix}orders`), async (client) => {
      const { rows } = await client.query<Settled>(SETTLED, [this.began]);
      return rows[0]!;
    });
  }
}
