import { z } from 'zod';
import { instant } from './pieces.js';

export const breakNames = [
  'provider-away',
  'provider-errors',
  'provider-slow',
  'provider-declines',
  'mail-away',
  'mail-slow',
] as const;
export const breakName = z.enum(breakNames);
export type BreakName = z.output<typeof breakName>;

/** How long a break may last: it always ends by itself. */
export const breakSeconds = z.int().min(5).max(300);

export const breakRequest = z.strictObject({ forSeconds: breakSeconds.default(30) }).meta({ id: 'BreakRequest' });

/** How the orders fare that were under way when a break ended. */
export const healing = z.object({
  held: z.int().describe('Orders that were under way when it ended'),
  waiting: z.int().describe('Of these, the ones that are not settled yet'),
  healedAt: instant
    .nullable()
    .describe('When the last of them was settled; null while one waits, or where none was held'),
});
export type Healing = z.output<typeof healing>;

/** A part of the world outside of the services. */
export const brokenPart = z.object({
  part: z.enum(['payments', 'mail']),
  on: breakName.nullable(),
  isBroken: z.boolean().describe('Also by a fault that no break of this console makes'),
  since: instant.nullable().describe('When the break that is on began, or the last one'),
  until: instant.nullable().describe('When it ends or has ended; null where nothing ends it by itself'),
  healing: healing.nullable().describe('Of the last break, once it is over'),
});
export type BrokenPart = z.output<typeof brokenPart>;

export const breaks = z
  .object({
    isOn: z.boolean().describe('BREAKS'),
    now: instant.describe('By the clock of the console'),
    parts: z.array(brokenPart),
  })
  .meta({ id: 'Breaks' });
export type Breaks = z.output<typeof breaks>;
