import { styleText } from 'node:util';
import { tableOf } from '../demo/table.ts';
import type { Action, Letter, Opened, DryRunResult } from './desk.ts';

// What stands in a bad record was written by nobody knows whom: nothing of it may reach the terminal as a command.
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
const placeOf = ({ topic, partition, offset }: Pick<Letter, 'topic' | 'partition' | 'offset'>): string =>
  plain(`${topic}/${partition}@${offset}`);

export function letterTable(letters: readonly Letter[]): string {
  const rows = letters.map((letter) => [
    addressOf(letter.service, letter.id),
    stateOf(letter.state),
    ageOf(letter.parkedAt),
    plain(letter.orderId) || '(none)',
    typeOf(letter.type),
    String(letter.attempts),
    short(plain(letter.reason), 80),
  ]);
  return tableOf([['letter', 'state', 'age', 'order', 'type', 'attempts', 'reason'], ...rows]);
}

export function logTable(actions: readonly Action[]): string {
  const rows = actions.map((it) => [
    it.at,
    addressOf(it.service, it.parkedId),
    it.action,
    plain(it.operator),
    plain(it.orderId) || '(none)',
    plain(it.reason ?? ''),
  ]);
  return tableOf([['at', 'letter', 'what', 'who', 'order', 'why'], ...rows]);
}

/** All that there is to know of a letter, a paragraph for each thing. */
export function opened(letter: Opened): string {
  const { service, id, behind } = letter;
  const more = behind.count > behind.items.length ? [`and ${behind.count - behind.items.length} more`] : [];
  const parts: [title: string, lines: readonly string[]][] = [
    [
      `${addressOf(service, id)}: ${letter.state}`,
      [
        `${typeOf(letter.type)} of ${plain(letter.orderId) || '(none)'}, for ${letter.consumer}, from ${placeOf(letter)}`,
        ...(letter.waitsFor === null ? [] : [`waits for ${addressOf(service, letter.waitsFor)}`]),
        ...(letter.nextAttemptAt === null ? [] : [`next attempt at ${letter.nextAttemptAt}`]),
      ],
    ],
    ['failed', letter.failures.map(({ at, reason }) => `${at}  ${plain(reason)}`)],
    ['headers', Object.entries(letter.headers).map(([name, value]) => plain(`${name}: ${value}`))],
    [
      'event',
      letter.event === null
        ? [`cannot be read: ${plain(letter.undecodable ?? '')}`]
        : JSON.stringify(letter.event, null, 2).split('\n').map(plain),
    ],
    ['bytes, as base64', letter.value === null ? ['(none)'] : [letter.value]],
    [
      'behind it',
      [...behind.items.map((it) => `${addressOf(service, it.id)}  ${typeOf(it.type)}  ${placeOf(it)}`), ...more],
    ],
    [
      'people',
      letter.actions.map(
        (it) => `${it.at}  ${it.action} by ${plain(it.operator)}${it.reason === null ? '' : `: ${plain(it.reason)}`}`,
      ),
    ],
  ];
  return parts
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => [styleText('bold', title), ...lines.map((line) => `  ${line}`)].join('\n'))
    .join('\n\n');
}

/** What a retry would lead to: a line for each letter, those behind another one indented. */
export function results(queues: readonly (DryRunResult & { readonly service: string })[]): string {
  const rows = queues.flatMap(({ service, behind, ...head }) =>
    [head, ...behind].map((it, index) => [
      `${index === 0 ? '' : '  '}${addressOf(service, it.id)}`,
      plain(it.orderId) || '(none)',
      typeOf(it.type),
      it.outcome === 'fails' ? styleText('red', it.outcome) : it.outcome,
      it.reason === null
        ? [...it.says, ...it.calls.map((kind) => `call ${kind}`)].join(', ')
        : short(plain(it.reason), 100),
    ]),
  );
  return `${tableOf([['letter', 'order', 'type', 'would be', 'why, or what it says'], ...rows])}\n\nA dry run: nothing has happened.`;
}
