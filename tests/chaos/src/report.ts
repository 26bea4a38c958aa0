import { services } from '@orderflow/contracts';
import { tableOf } from '../../../ops/src/demo/table.ts';
import { quantile } from '../../../bench/src/statistics.ts';
import type { Books } from './books.ts';
import type { Customers, Placement } from './customers.ts';
import type { Evidence } from './evidence.ts';
import { DEFINITION } from './recovery.ts';
import type { Kind } from './schedule.ts';
import type { ChaosStack } from './stack.ts';
import type { Suffered } from './storm.ts';
import type { Harm } from './witness.ts';

/** After a broker's kill consumers work within 15 s of its port being open, after a service's within 10 s of its start. */
const BOUNDS_MS = { broker: 15_000, service: 10_000 };

const SHOWN = 20;

/** What of an order is needed to say during which faults it was under way. */
interface Life {
  orderId: string;
  from: number;
  until: number;
}

function livesOf(placements: readonly Placement[], { orders }: Books): Life[] {
  const rows = new Map(orders.map((row) => [row.orderId, row]));
  return placements.map(({ orderIds, sentAt }) => {
    const [orderId = ''] = orderIds;
    const row = rows.get(orderId);
    return { orderId, from: sentAt, until: row?.settled === true ? row.updatedAt.getTime() : Infinity };
  });
}

const rowOf = ({ fault: { target, kind, forMs, lane } }: Suffered): string => {
  const what = kind === 'SIGSTOP' ? `${kind} ${forMs / 1000} s` : kind;
  return `${what}${lane === 'alone' ? ', alone' : ''}\t${target}`;
};

const secondsAt = (valuesMs: readonly number[], share: number): string =>
  valuesMs.length === 0 ? '' : (quantile(valuesMs, share) / 1000).toFixed(1);

/** A row for each kind of fault and target, and one for all of them. */
export function faultTable(
  suffered: readonly Suffered[],
  placements: readonly Placement[],
  { books, problems }: Evidence,
): string {
  const lives = livesOf(placements, books);
  const harmed = (harm: Harm) => new Set(problems.filter((it) => it.harm === harm).map(({ orderId }) => orderId));
  const [lost, doubled, stuck] = [harmed('lost'), harmed('doubled'), harmed('stuck')];
  const line = (name: string[], faults: readonly Suffered[]): string[] => {
    const inFlight = lives.filter((life) => faults.some(({ from, until }) => life.from <= until && life.until >= from));
    const count = (ids: ReadonlySet<string>) => String(inFlight.filter(({ orderId }) => ids.has(orderId)).length);
    const recoveries = faults.flatMap(({ recoveredMs }) => (recoveredMs === undefined ? [] : [recoveredMs]));
    return [
      ...name,
      String(faults.length),
      String(inFlight.length),
      count(lost),
      count(doubled),
      count(stuck),
      String(recoveries.length),
      secondsAt(recoveries, 0.5),
      secondsAt(recoveries, 1),
    ];
  };
  const groups = [...Map.groupBy(suffered, rowOf)].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const heading = ['fault', 'target', 'times', 'orders in flight', 'lost', 'doubled', 'stuck'];
  return tableOf([
    [...heading, 'recoveries seen', 'p50 s', 'worst s'],
    ...groups.map(([name, faults]) => line(name.split('\t'), faults)),
    line(['all', ''], suffered),
  ]);
}

/** @param slack by how much recovery may take longer than promised @returns a line for each bound, and whether it is kept */
export function recoveryBounds(suffered: readonly Suffered[], slack: number): { line: string; kept: boolean }[] {
  const worst = (targets: readonly string[], boundMs: number, what: string) => {
    const kills = suffered.filter(({ fault }) => fault.lane === 'alone' && targets.includes(fault.target));
    const slowest = Math.max(...kills.map(({ recoveredMs }) => recoveredMs ?? Infinity));
    const seen = Number.isFinite(slowest) ? `${(slowest / 1000).toFixed(1)} s` : 'never';
    const times = slack === 1 ? '' : `, ${slack} times that allowed here`;
    return { line: `${what}: ${seen} (promised: ${boundMs / 1000} s${times})`, kept: slowest <= boundMs * slack };
  };
  return [
    worst(['broker'], BOUNDS_MS.broker, 'broker killed: consumers work again after its port is open'),
    worst(services, BOUNDS_MS.service, 'service killed: it works again after it is started, the slowest'),
  ];
}

/** What shows that the system was really hit, and that the answers were not only good ones. */
function figures(stack: ChaosStack, customers: Customers, { books, copies, overtakings }: Evidence): string[] {
  const ends = Map.groupBy(books.orders, ({ status, cancelReason }) => cancelReason ?? status ?? 'unknown');
  const answers = [...customers.answers].toSorted(([one], [other]) => one - other);
  const failedStarts = stack.everybody.reduce((sum, member) => sum + member.failedStarts, 0);
  const endings = stack.everybody.flatMap((member) => member.endings.map((how) => `${member.name}: ${how}`));
  return [
    `orders: ${[...ends].map(([end, orders]) => `${orders.length} ${end}`).join(', ')}`,
    `answers to customers: ${answers.map(([status, count]) => `${count} x ${status === 0 ? 'none' : status}`).join(', ')}`,
    `copies of events in the log: ${copies}; events taken on after later ones of the same order: ${overtakings}`,
    `mails sent again with the same Message-ID: ${books.mailCopies}`,
    `starts that failed, since what they needed was away, and were tried again: ${failedStarts}`,
    `processes that ended at work, and were started again: ${endings.length}`,
    ...endings.map((ending) => `  ${ending}`),
  ];
}

/** A rig whose faults leave no trace has tried nothing. */
function withoutTrace(suffered: readonly Suffered[], { copies, overtakings }: Evidence): string[] {
  const was = (kind: Kind) => suffered.some(({ fault }) => fault.kind === kind);
  return [
    ...(was('duplicates') && copies === 0 ? ['events were to be said again, and there are no copies in the log'] : []),
    ...(was('reordering') && overtakings === 0 ? ['events were held back, and no consumer was overtaken'] : []),
  ];
}

/** Prints what was seen. @returns whether nothing is wrong */
export function report(
  stack: ChaosStack,
  customers: Customers,
  suffered: readonly Suffered[],
  evidence: Evidence,
  slack: number,
): boolean {
  const { problems } = evidence;
  const bounds = recoveryBounds(suffered, slack);
  const failures = [
    ...bounds.filter(({ kept }) => !kept).map(({ line }) => `too slow: ${line}`),
    ...withoutTrace(suffered, evidence),
    ...problems.slice(0, SHOWN).map(({ harm, orderId, what }) => `${harm}: ${orderId} ${what}`),
    ...(problems.length > SHOWN ? [`and ${problems.length - SHOWN} more`] : []),
  ];
  console.log(`\n${faultTable(suffered, customers.placements, evidence)}\n\n${DEFINITION}\n`);
  for (const { line } of bounds) console.log(line);
  for (const line of figures(stack, customers, evidence)) console.log(line);
  console.log(['', ...failures].join('\n'));
  const ok = failures.length === 0;
  console.log(ok ? 'Nothing was lost, doubled or left over.' : 'Not all is as it should be.');
  return ok;
}
