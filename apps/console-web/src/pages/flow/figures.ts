import { type Flow, type GroupLag, type OutboxState, type Reading } from '@orderflow/console-api';
import { timeOf, type Zone, countOf, durationOf } from '../../words/format.js';

/** Events of one type, or of several taken together. */
export interface Rate {
  readonly count: number;
  readonly perSecond: number;
  /** The same in parts, the oldest first. */
  readonly bars: readonly number[];
}

/** The events of some types taken together; undefined while rates are not known. */
export function rateOf({ rates }: Flow, types: readonly string[]): Rate | undefined {
  if (rates.state !== 'known') return undefined;
  const of = rates.value.events.filter(({ type }) => types.includes(type));
  const count = of.reduce((sum, it) => sum + it.count, 0);
  const bars = (of[0]?.bars ?? []).map((_, index) => of.reduce((sum, it) => sum + (it.bars[index] ?? 0), 0));
  return { count, perSecond: count / rates.value.seconds, bars };
}

/** `38/s`, `2.4/s`, and below one in a second `9/min`. */
export function rateWords({ perSecond }: Rate): string {
  if (perSecond >= 10) return `${Math.round(perSecond).toLocaleString('en-GB')}/s`;
  return perSecond >= 1 ? `${perSecond.toFixed(1)}/s` : `${Math.round(perSecond * 60)}/min`;
}

/** A reading in words: its value, since when it is not known, or that nothing keeps it. */
export function readingWords<T>(reading: Reading<T>, words: (value: T, at: string) => string, zone: Zone): string {
  switch (reading.state) {
    case 'known':
      return words(reading.value, reading.at);
    case 'unknown':
      return `not known since ${timeOf(reading.since, zone).slice(0, 8)}`;
    case 'not_kept':
      return 'not kept';
  }
}

// The relay is woken by each commit, and looks ten times a second by itself: older rows wait for something.
const OUTBOX_WAITS_MS = 2_000;
// Groups commit once a second: a record may be that old before it counts as read.
const GROUP_WAITS_MS = 5_000;

export const outboxWords = ({ pending, oldestAgeMs, rejected }: OutboxState): string =>
  [
    pending === 0 ? 'empty' : `${pending.toLocaleString('en-GB')} pending, oldest ${durationOf(oldestAgeMs)}`,
    ...(rejected > 0 ? [`${rejected} rejected`] : []),
  ].join(', ');

/** @param at when the lag was read */
export const lagWords = (lag: GroupLag, at: string): string => {
  if (lag.records === 0) return 'has read all';
  const age = ageOf(lag, at);
  return `${countOf(lag.records, 'record')} behind${age === undefined ? '' : `, oldest ${durationOf(age)}`}`;
};

/** Of the oldest record that the group has not read, in milliseconds. The clocks of broker and console differ a little. */
export const ageOf = ({ oldestAt }: GroupLag, at: string): number | undefined =>
  oldestAt === null ? undefined : Math.max(0, Date.parse(at) - Date.parse(oldestAt));

export const outboxWaits = ({ pending, oldestAgeMs, rejected }: OutboxState): boolean =>
  rejected > 0 || (pending > 0 && oldestAgeMs > OUTBOX_WAITS_MS);

/** Whether a group has let a record wait, or expire. @param at when the lag was read */
export const groupWaits = (lag: GroupLag, at: string): boolean =>
  lag.expired > 0 || (ageOf(lag, at) ?? 0) > GROUP_WAITS_MS;

/** The types of the events on some topics. */
export const typesOn = ({ topics }: Flow, names: readonly string[]): string[] =>
  topics.filter(({ topic }) => names.includes(topic)).flatMap(({ events }) => events);

const capital = (words: string): string => words.slice(0, 1).toUpperCase() + words.slice(1);

export interface Trouble {
  readonly tone: 'wait' | 'bad';
  readonly words: string;
}

/** What a person should know first: the figures that are not known, then what is held back. */
export function troublesOf(flow: Flow, zone: Zone): Trouble[] {
  const unknown = new Map<string, string[]>();
  const note = (what: string, reading: Reading<unknown>): void => {
    if (reading.state !== 'unknown') return;
    const words = `${capital(reading.why)}. Not known since ${timeOf(reading.since, zone).slice(0, 8)}:`;
    unknown.set(words, [...(unknown.get(words) ?? []), what]);
  };
  note('rates', flow.rates);
  for (const { service, outbox } of flow.producers) note(`the outbox of ${service}`, outbox);
  for (const { group, lag } of flow.groups) note(`the lag of ${group}`, lag);
  const held = [
    ...flow.producers.flatMap(({ service, outbox }) =>
      outbox.state === 'known' && outboxWaits(outbox.value)
        ? [`The outbox of ${service}: ${outboxWords(outbox.value)}.`]
        : [],
    ),
    ...flow.groups.flatMap(({ group, lag }) => {
      if (lag.state !== 'known' || !groupWaits(lag.value, lag.at)) return [];
      const expired = lag.value.expired > 0 ? `, ${countOf(lag.value.expired, 'record')} expired unread` : '';
      return [`The group ${group}: ${lagWords(lag.value, lag.at)}${expired}.`];
    }),
  ];
  return [
    ...[...unknown].map(([words, figures]): Trouble => ({ tone: 'bad', words: `${words} ${figures.join(', ')}.` })),
    ...held.map((words): Trouble => ({ tone: 'wait', words })),
  ];
}
