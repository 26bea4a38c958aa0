import { z } from 'zod';
import { instant } from './pieces.js';

export const role = z.enum(['customer', 'operator', 'admin', 'monitor']);
export type Role = z.output<typeof role>;

/** Whose token it is. */
export const caller = z
  .object({
    subject: z.string(),
    roles: z.array(role).describe('An admin may do what an operator may'),
    until: instant.describe('The token expires then'),
  })
  .meta({ id: 'Caller' });
export type Caller = z.output<typeof caller>;

/** A cookie holds it: browsers keep 4,096 bytes of one. */
const MOST_CHARACTERS = 3_800;

export const sessionRequest = z
  .strictObject({
    token: z
      .string()
      .max(MOST_CHARACTERS)
      .regex(/^[\w-]+\.[\w-]+\.[\w-]+$/, { error: 'must be a JSON Web Token' }),
  })
  .meta({ id: 'SessionRequest' });

/** What the pages need to know of the console itself. */
export const me = z
  .object({
    version: z.string(),
    now: instant,
    journalSince: instant.nullable().describe('From when on it has everything; null while it is empty'),
    orderDeadlineSeconds: z.number().nullable().describe('Null where it is not known'),
    tracesUrl: z.string().nullable().describe('Of Jaeger; `/trace/<id>` follows. Null where none is configured'),
    caller: caller.nullable().describe('Null where AUTH is off: everybody may do everything'),
  })
  .meta({ id: 'Me' });
export type Me = z.output<typeof me>;
