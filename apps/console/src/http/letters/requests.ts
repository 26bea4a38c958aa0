import { letterAddress, letterKind, MOST_LETTERS, service } from '@orderflow/console-api';
import { text } from '@orderflow/http';
import { z } from 'zod';

// Calls have keys of 200 characters, events and ranges numbers.
const NUMBER = /^[1-9]\d{0,17}$/;
const isId = (kind: string, id: string): boolean => kind === 'call' || NUMBER.test(id);
const ID_RULE = { error: 'must be a number such as 12, or the key of a call', path: ['id'] };

export const letterPath = z
  .strictObject({ service, kind: letterKind, id: text(200) })
  .refine(({ kind, id }) => isId(kind, id), ID_RULE);
export type LetterPath = z.output<typeof letterPath>;

export const overviewQuery = z.strictObject({ orderId: text(256).exactOptional() });
export type OverviewQuery = z.output<typeof overviewQuery>;

const address = z
  .strictObject({ ...letterAddress.shape, id: text(200) })
  .refine(({ kind, id }) => isId(kind, id), ID_RULE);
const letters = z.array(address).min(1).max(MOST_LETTERS).describe('Each as it was seen');

export const dryRunBody = z.strictObject({ letters }).meta({ id: 'TryLetters' });
export type DryRunBody = z.output<typeof dryRunBody>;

const selection = {
  letters,
  expected: z.int().min(0).describe('How many the person means: 409 where another number can still be acted on'),
};
const reason = text(500).describe('Kept with each of them');

export const actionBody = z
  .discriminatedUnion('action', [
    z.strictObject({
      action: z.literal('retry'),
      ratePerSecond: z.number().min(0.01).max(100).default(10).describe('Queues per second at each service'),
      ...selection,
    }),
    z.strictObject({ action: z.literal('discard'), reason, ...selection }),
    z.strictObject({
      action: z.literal('settle'),
      as: text(100).describe('One of the choices of the calls'),
      reason,
      reference: text(200).exactOptional().describe("The other side's id of what was done there"),
      ...selection,
    }),
    z.strictObject({ action: z.literal('acknowledge'), reason, ...selection }),
  ])
  .meta({ id: 'ActOnLetters' });
export type ActionBody = z.output<typeof actionBody>;
