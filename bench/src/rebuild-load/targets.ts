import type { ChildProcess } from 'node:child_process';
import { killAtLock, killWhen, lockOfSwitch } from '@orderflow/local';
import type { programs } from '../../../ops/src/rebuild.ts';
import { progressIn } from './words.ts';

export type Name = keyof typeof programs;

/** Where a rebuild is killed. */
export interface Place {
  readonly databaseUrl: string;
  /** The orders whose rows were made wrong, in the order of their ids. */
  readonly planted: readonly string[];
}

/** Starts a rebuild and ends it by SIGKILL. @returns what it had written to its standard error */
type Kill = (start: () => ChildProcess, place: Place) => Promise<string>;

/** What is rebuilt. */
export interface Target {
  readonly name: Name;
  /** Makes the rows of some orders wrong, so that there is something to find and to mend. */
  readonly plant: string;
  /** One for each phase. */
  readonly kills: readonly Kill[];
  /** Whether a killed run keeps nothing that it has done: the last one then finds every wrong row. */
  readonly isAllOrNothing: boolean;
}

const PATIENCE_MS = 3_600_000;
/** Fewer records are filled at once. */
const MANY_RECORDS = 20_000;
const WELL_IN = 0.25;

/** With many records a quarter is there already, which the next run must not lose. */
const inFill: Kill = async (start) =>
  killWhen(
    start(),
    (errors) => {
      const { phase, done, total } = progressIn(errors) ?? { phase: '', done: 0, total: 0 };
      return phase === 'fill' && (total < MANY_RECORDS || done >= WELL_IN * total);
    },
    PATIENCE_MS,
  );

const inPhase =
  (phase: 'fold' | 'compare'): Kill =>
  async (start) =>
    killWhen(start(), (errors) => errors.includes(`${phase}: `), PATIENCE_MS);

const inSwitch =
  (table: string): Kill =>
  async (start, { databaseUrl }) =>
    killAtLock(start, lockOfSwitch(databaseUrl, table), PATIENCE_MS);

/** At the last wrong one. */
const inReplacement: Kill = async (start, { databaseUrl, planted }) =>
  killAtLock(
    start,
    { databaseUrl, statement: 'SELECT FROM orders WHERE order_id = $1 FOR UPDATE', values: [planted.at(-1)] },
    PATIENCE_MS,
  );

export const targets: readonly Target[] = [
  {
    name: 'order-views',
    plant: `UPDATE order_views SET status = 'cancelled' WHERE order_id = ANY ($1::uuid[])`,
    kills: [inFill, inPhase('compare'), inSwitch('order_views')],
    isAllOrNothing: true,
  },
  {
    name: 'snapshots',
    plant: `UPDATE orders SET status = 'placed' WHERE order_id = ANY ($1::uuid[])`,
    kills: [inReplacement],
    isAllOrNothing: false,
  },
  {
    name: 'journal',
    plant: `UPDATE journal SET type = 'OrderCancelled' WHERE type = 'OrderConfirmed' AND subject = ANY ($1::text[])`,
    kills: [inFill, inPhase('fold'), inPhase('compare'), inSwitch('journal')],
    isAllOrNothing: true,
  },
];
