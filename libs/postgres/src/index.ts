export { DatabaseError } from 'pg';
export type { Client, Pool, PoolClient, PoolConfig, QueryResultRow } from 'pg';
export { type Access, endClient, openClient, openPool, poolConfig } from './access.js';
export { databaseOf, placeOf, roleOf } from './place.js';
export { assertOwnProcesses } from './pooler.js';
export type { SessionSettings } from './session.js';
export { shellVariablesLine } from './shell-variables.js';
export { isMissingDatabase, whyNot, type WhyNot } from './why-not.js';
