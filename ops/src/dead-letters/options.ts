import type { ParseArgsConfig } from 'node:util';
import { SetupError } from '@orderflow/local';

const string = { type: 'string' } as const;
const boolean = { type: 'boolean' } as const;

export const options = {
  service: string,
  url: string,
  as: string,
  token: string,
  json: boolean,
  order: string,
  type: string,
  reason: string,
  because: string,
  state: string,
  consumer: string,
  'older-than': string,
  'younger-than': string,
  limit: string,
  rate: string,
  reference: string,
  all: boolean,
  calls: boolean,
  expired: boolean,
  'dry-run': boolean,
} as const satisfies ParseArgsConfig['options'];

export type Flags = {
  readonly [Name in keyof typeof options]?: (typeof options)[Name] extends { type: 'boolean' } ? boolean : string;
};

/** The filter options under their names in the HTTP API; options that are not given are left out. */
export function filterOf(flags: Flags): Record<string, string | number> {
  const { order: orderId, type, reason, state, consumer } = flags;
  const olderThanSeconds = numberOf('older-than', flags['older-than']);
  const youngerThanSeconds = numberOf('younger-than', flags['younger-than']);
  const given = Object.entries({ orderId, type, reason, state, consumer, olderThanSeconds, youngerThanSeconds });
  return Object.fromEntries(given.filter((entry): entry is [string, string | number] => entry[1] !== undefined));
}

/** @throws SetupError when the text is not a number; the services check its bounds */
export function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+(\.\d+)?$/.test(text)) throw new SetupError(`--${name} ${text} is not a number.`);
  return Number(text);
}

/** @throws SetupError for the limit of a list that would be none: nothing found is an answer of its own */
export function refuseLimit(text: string | undefined): void {
  if (text !== undefined && !/^[1-9]\d*$/.test(text))
    throw new SetupError(`--limit ${text} is not a whole number from 1 on.`);
}
