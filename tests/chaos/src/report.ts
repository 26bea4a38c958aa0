import { services } from '@orderflow/contracts';
import { tableOf } from '../../../ops/src/demo/table.ts';
import { quantile } from '../../../bench/src/statistics.ts';
import type { Customers, Placement } from './customers.ts';
import { copiesOf } from './facts.ts';
import type { InjectedFault } from './fault-injector.ts';
import type { Outcome, Problem } from './outcome.ts';
import type { OrderRow, Recorded } from './recorded.ts';
import { DEFINITION } from './recovery.ts';
import type { Kind } from './schedule.ts';
import type { ChaosStack } from './stack.ts';

/** After a kill of the broker, consumers work within 15 s of its open port; a killed service works within 10 s of its start. */
const BOUNDS_MS = { broker: 15_000, service: 10_000 };

const SHOWN = 20;

const rowOf = ({ fault: { target, kind, forMs, lane } }: InjectedFault): string => {
  const name = kind === 'SIGSTOP' ? `${kind} ${forMs / 1000} s` : kind;
  return `${name}${lane === 'alone' ? ', alone' : ''}\t${target}`;
};

const secondsAt = (valuesMs: readonly number[], share: number): string =>
  valuesMs.length === 0 ? '' : (quantile(valuesMs, share) / 1000).toFixed(1);

/** Each order, with a test whether it was in flight during a fault. */
function flightsOf(placements: readonly Placement[], { orders }: Recorded) {
  const rows = new Map(orders.map((row) => [row.orderId, row]));
  return placements.map(({ orderIds, sentAt }) => {
    const [orderId = ''] = orderIds;
    const row = rows.get(orderId);
    const settledAt = row?.settled === true ? row.updatedAt.getTime() : Infinity;
    return { orderId, isDuring: ({ from, until }: InjectedFault) => sentAt <= until && settledAt >= from };
  });
}

/** A row for each kind of fault and target, and one for all of them. */
function faultTable(
  injected: readonly InjectedFault[],
  placements: readonly Placement[],
  { recorded, problems }: Outcome,
): string {
  const flights = flightsOf(placements, recorded);
  const harmed = (['lost', 'doubled', 'stuck'] as const).map(
    (harm) => new Set(problems.filter((it) => it.harm === harm).map(({ subject }) => subject)),
  );
  const line = (name: string[], faults: readonly InjectedFault[]): string[] => {
    const inFlight = flights.filter(({ isDuring }) => faults.some(isDuring));
    const counts = harmed.map((ids) => inFlight.filter(({ orderId }) => ids.has(orderId)).length);
    const recoveries = faults.flatMap(({ recoveredMs = [] }) => recoveredMs);
    const numbers = [faults.length, inFlight.length, ...counts, recoveries.length].map(String);
    return [...name, ...numbers, secondsAt(recoveries, 0.5), secondsAt(recoveries, 1)];
  };
  const groups = [...Map.groupBy(injected, rowOf)].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const heading = ['fault', 'target', 'times', 'orders in flight', 'lost', 'doubled', 'stuck'];
  return tableOf([
    [...heading, 'recoveries seen', 'p50 s', 'worst s'],
    ...groups.map(([name, faults]) => line(name.split('\t'), faults)),
    line(['all', ''], injected),
  ]);
}

/** @param slack factor by which recovery may exceed the promise @returns a line for each bound, and whether it is kept */
function recoveryBounds(injected: readonly InjectedFault[], slack: number): { line: string; kept: boolean }[] {
  const worst = (targets: readonly string[], boundMs: number, title: string) => {
    const kills = injected.filter(({ fault }) => fault.lane === 'alone' && targets.includes(fault.target));
    const slowest = Math.max(...kills.map(({ recoveredMs }) => recoveredMs ?? Infinity));
    const seen = Number.isFinite(slowest) ? `${(slowest / 1000).toFixed(1)} s` : 'never';
    const times = slack === 1 ? '' : `, here ${slack} times as long`;
    return { line: `${title}: ${seen} (promised: ${boundMs / 1000} s${times})`, kept: slowest <= boundMs * slack };
  };
  return [
    worst(['broker'], BOUNDS_MS.broker, 'broker killed: consumers work again after its port is open'),
    worst(services, BOUNDS_MS.service, 'service killed: the slowest works again after it is started'),
  ];
}

/** Figures that show how hard the system was hit. */
function figures(
  stack: ChaosStack,
  customers: Customers,
  { recorded, copies, older, overtakings, foreign, oversized, possibleCopies }: Outcome,
): string[] {
  const outcomes = Map.groupBy(recorded.orders, ({ status, cancelReason }) => cancelReason ?? status ?? 'unknown');
  const answers = [...customers.answers].toSorted(([one], [other]) => one - other);
  const failedStarts = stack.instances.reduce((sum, { failedStarts }) => sum + failedStarts, 0);
  const exits = stack.instances.flatMap(({ name, exits }) => exits.map((reason) => `${name}: ${reason}`));
  return [
    `orders: ${[...outcomes].map(([outcome, orders]) => `${orders.length} ${outcome}`).join(', ')}`,
    `answers to customers: ${answers.map(([status, count]) => `${count} x ${status === 0 ? 'none' : status}`).join(', ')}`,
    `copies of events in the log: ${copies}; events handled after later ones of the same order: ${overtakings}`,
    `events written by an older version: ${older}`,
    `events that restored services have taken back: ${stack.takenBack}`,
    `records of others in the log: ${foreign} of foreign types, ${oversized} too large`,
    `mails: ${recorded.mails}; second copies: ${copiesOf(recorded.copiedMails)}, of which a kill or a cut explains ${possibleCopies}`,
    `starts that failed because a dependency was unavailable, and were retried: ${failedStarts}`,
    `processes that ended at work, and were restarted: ${exits.length}`,
    ...exits.map((exit) => `  ${exit}`),
  ];
}

/** A fault without any effect proves nothing. */
function withoutEffect(
  { takenBack }: ChaosStack,
  injected: readonly InjectedFault[],
  { copies, older, overtakings, foreign, oversized }: Outcome,
): string[] {
  const had = (kind: Kind, effects: number) => effects > 0 || !injected.some(({ fault }) => fault.kind === kind);
  return [
    ...(older > 0 ? [] : ['no event was written by an older version']),
    ...(had('restore', takenBack) ? [] : ['a database was restored, and its service took nothing back']),
    ...(had('duplicates', copies) ? [] : ['events were duplicated, and the log has no copies']),
    ...(had('foreign types', foreign) ? [] : ['foreign types were published, and the log has none']),
    ...(had('record bombs', oversized) ? [] : ['record bombs were published, and the log has none']),
    ...(had('oversized records', oversized) ? [] : ['oversized records were published, and the log has none']),
    ...(had('reordering', overtakings) ? [] : ['events were held back, and no consumer handled one after a later one']),
  ];
}

const stateOf = ({ status, cancelReason, stock, payment, settled }: OrderRow): string =>
  `${status}${cancelReason === null ? '' : ` (${cancelReason})`}, stock ${stock}, payment ${payment}, ${settled ? '' : 'not '}settled`;

function lineOf({ harm, subject, text }: Problem, orders: readonly OrderRow[]): string {
  const order = orders.find(({ orderId }) => orderId === subject);
  return `${harm}: ${subject} ${text}${order ? ` [${stateOf(order)}]` : ''}`;
}

/** Prints the report. @returns whether every rule holds and every bound is kept */
export function report(
  stack: ChaosStack,
  customers: Customers,
  injected: readonly InjectedFault[],
  outcome: Outcome,
  slack: number,
): boolean {
  const { problems, recorded } = outcome;
  const bounds = recoveryBounds(injected, slack);
  const failures = [
    ...bounds.filter(({ kept }) => !kept).map(({ line }) => `too slow: ${line}`),
    ...withoutEffect(stack, injected, outcome),
    ...problems.slice(0, SHOWN).map((problem) => lineOf(problem, recorded.orders)),
    ...(problems.length > SHOWN ? [`and ${problems.length - SHOWN} more`] : []),
  ];
  console.log(`\n${faultTable(injected, customers.placements, outcome)}\n\n${DEFINITION}\n`);
  for (const { line } of bounds) console.log(line);
  for (const line of figures(stack, customers, outcome)) console.log(line);
  console.log(['', ...failures].join('\n'));
  const ok = failures.length === 0;
  console.log(ok ? 'Nothing was lost, doubled or left over.' : 'A rule is broken or a bound is not kept.');
  return ok;
}
