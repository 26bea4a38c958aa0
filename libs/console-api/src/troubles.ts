import { z } from 'zod';
import { service } from './pieces.js';

/**
 * Why an order needs attention. `overdue`: it is not settled 30 s after its deadline, as the alert SagaStuck counts. `parked`: an
 * event of it could not be processed, and those behind it wait. `dead`: something of it waits until an operator acts. `any`: one
 * of these.
 */
export const trouble = z.enum(['any', 'overdue', 'parked', 'dead']);
export type Trouble = z.output<typeof trouble>;

const count = z.int().nullable();

/** How many orders are in trouble of each kind; null where it is not known. */
export const orderTroubles = z
  .object({
    any: count.describe('Of what is known'),
    overdue: count.describe('Null where the console does not know the deadline of orders'),
    parked: count.describe('Null at an instant in the past: the services keep what is parked as it is now'),
    dead: count.describe('The same'),
    silent: z.array(service).describe('Services that do not answer: what is parked there is not counted'),
  })
  .meta({ id: 'OrderTroubles' });
export type OrderTroubles = z.output<typeof orderTroubles>;
