import { styleText } from 'node:util';
import { tableOf } from '../demo/table.ts';
import type {
  CallAction,
  DryRunResult,
  ExpiredRange,
  FailedCall,
  FailedCallDetail,
  OperatorAction,
  ParkedEvent,
  ParkedEventDetail,
} from './client.ts';

// The content of a bad record is untrusted: no control character of it may reach the terminal.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const plain = (text: string): string => text.replace(UNPRINTABLE, '�');

const short = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function ageOf(since: string): string {
  const seconds = Math.max(0, (Date.now() - Date.parse(since)) / 1000);
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`;
}

const stateOf = (state: string): string => (state === 'dead' ? styleText('red', state) : state);
const typeOf = (type: string | null): string => plain(type ?? '(none)');
const addressOf = (service: string, id: string): string => `${service}/${id}`;
const placeOf = ({ topic, partition, offset }: Pick<ParkedEvent, 'topic' | 'partition' | 'offset'>): string =>
  plain(`${topic}/${partition}@${offset}`);

export function parkedTable(parked: readonly ParkedEvent[]): string {
  const rows = parked.map((it) => [
    addressOf(it.service, it.id),
    stateOf(it.state),
    ageOf(it.parkedAt),
    plain(it.orderId) || '(none)',
    typeOf(it.type),
    String(it.attempts),
    short(plain(it.reason), 80),
  ]);
  return tableOf([['parked event', 'state', 'age', 'order', 'type', 'attempts', 'reason'], ...rows]);
}

export function logTable(actions: readonly OperatorAction[]): string {
  const rows = actions.map((it) => [
    it.at,
    addressOf(it.service, it.parkedId),
    it.action,
    plain(it.operator),
    plain(it.orderId) || '(none)',
    plain(it.reason ?? ''),
  ]);
  return tableOf([['at', 'parked event', 'action', 'operator', 'order', 'reason'], ...rows]);
}

export function expiredTable(ranges: readonly ExpiredRange[]): string {
  const rows = ranges.map((it) => [
    addressOf(it.service, it.id),
    ageOf(it.foundAt),
    it.consumer,
    `${it.topic}/${it.partition}`,
    `${it.first} to ${BigInt(it.next) - 1n}`,
    String(it.records),
  ]);
  return tableOf([['expired unread', 'age', 'group', 'partition', 'offsets', 'records'], ...rows]);
}

export function callTable(calls: readonly FailedCall[]): string {
  const rows = calls.map((it) => [
    addressOf(it.service, plain(it.key)),
    stateOf(it.state),
    ageOf(it.createdAt),
    `${it.refusals} of ${it.attempts}`,
    it.choices.join(', ') || '(none)',
    short(plain(it.reason ?? ''), 80),
  ]);
  return tableOf([['call', 'state', 'age', 'refused', 'settle as', 'reason'], ...rows]);
}

export function callLogTable(actions: readonly CallAction[]): string {
  const rows = actions.map((it) => [
    it.at,
    addressOf(it.service, plain(it.key)),
    plain(it.action),
    plain(it.operator),
    plain(it.reason ?? ''),
  ]);
  return tableOf([['at', 'call', 'action', 'operator', 'reason'], ...rows]);
}

/** All details of a call that fails or was settled. */
export function callDetails(call: FailedCallDetail): string {
  return paragraphs([
    [
      `${addressOf(call.service, plain(call.key))}: ${call.state}`,
      [
        `${plain(call.kind)} of ${plain(call.orderId)}, ${call.attempts} attempts, ${call.refusals} refused`,
        ...(call.waitsFor === null
          ? []
          : [`waits for ${call.waitsFor === 'operator' ? 'an operator' : 'the other side'}`]),
        ...(call.nextAttemptAt === null ? [] : [`next attempt at ${call.nextAttemptAt}`]),
        ...(call.state === 'dead' || call.state === 'waiting'
          ? [`settle as: ${call.choices.join(', ') || '(none)'}`]
          : []),
      ],
    ],
    ['failed', call.failures.map(({ at, reason }) => `${at}  ${plain(reason)}`)],
    ['request', call.request === null ? [] : JSON.stringify(call.request, null, 2).split('\n').map(plain)],
    ['operators', call.actions.map(actionLine)],
  ]);
}

/** All details of a parked event, a paragraph for each. */
export function details(parked: ParkedEventDetail): string {
  const { service, id, behind } = parked;
  const more = behind.count > behind.items.length ? [`and ${behind.count - behind.items.length} more`] : [];
  const parts: [title: string, lines: readonly string[]][] = [
    [
      `${addressOf(service, id)}: ${parked.state}`,
      [
        `${typeOf(parked.type)} of ${plain(parked.orderId) || '(none)'}, for ${parked.consumer}, from ${placeOf(parked)}`,
        ...(parked.waitsFor === null ? [] : [`waits for ${addressOf(service, parked.waitsFor)}`]),
        ...(parked.nextAttemptAt === null ? [] : [`next attempt at ${parked.nextAttemptAt}`]),
      ],
    ],
    ['failed', parked.failures.map(({ at, reason }) => `${at}  ${plain(reason)}`)],
    ['headers', Object.entries(parked.headers).map(([name, value]) => plain(`${name}: ${value}`))],
    [
      'event',
      parked.event === null
        ? [`undecodable: ${plain(parked.undecodable ?? '')}`]
        : JSON.stringify(parked.event, null, 2).split('\n').map(plain),
    ],
    ['value, base64', parked.value === null ? ['(none)'] : [parked.value]],
    [
      'behind it',
      [...behind.items.map((it) => `${addressOf(service, it.id)}  ${typeOf(it.type)}  ${placeOf(it)}`), ...more],
    ],
    ['operators', parked.actions.map(actionLine)],
  ];
  return paragraphs(parts);
}

const actionLine = (it: { at: string; action: string; operator: string; reason: string | null }): string =>
  `${it.at}  ${plain(it.action)} by ${plain(it.operator)}${it.reason === null ? '' : `: ${plain(it.reason)}`}`;

function paragraphs(parts: readonly [title: string, lines: readonly string[]][]): string {
  return parts
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => [styleText('bold', title), ...lines.map((line) => `  ${line}`)].join('\n'))
    .join('\n\n');
}

/** The results of a dry run: a line for each parked event; the events behind another one are indented. */
export function dryRunTable(queues: readonly DryRunResult[]): string {
  const rows = queues.flatMap(({ service, behind, ...head }) =>
    [head, ...behind].map((it, index) => [
      `${index === 0 ? '' : '  '}${addressOf(service, it.id)}`,
      plain(it.orderId) || '(none)',
      typeOf(it.type),
      it.outcome === 'fails' ? styleText('red', it.outcome) : it.outcome,
      it.reason === null
        ? [...it.publishes, ...it.calls.map((kind) => `call ${kind}`)].join(', ')
        : short(plain(it.reason), 100),
    ]),
  );
  return `${tableOf([['parked event', 'order', 'type', 'outcome', 'reason, or events and calls'], ...rows])}\n\nDry run: nothing was changed.`;
}
