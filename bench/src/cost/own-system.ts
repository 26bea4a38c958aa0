import { programNames } from '@orderflow/client';
import { databaseUrlOf, dropDatabase, type System, type SystemOptions, type TemporaryStack } from '@orderflow/local';

/** The databases and topics of a system. */
export type Prefixes = Pick<SystemOptions, 'databasePrefix' | 'topicPrefix'>;

export interface OwnSystem extends Required<Pick<SystemOptions, 'env'>>, Pick<SystemOptions, 'auth'> {
  /** Its own name among the runs on this stack: letters and digits. */
  readonly run: string;
}

/** Starts a system on empty databases and topics, measures it, and ends it. */
export async function onOwnSystem<Figures>(
  stack: TemporaryStack,
  { run, ...settings }: OwnSystem,
  measure: (system: System, prefixes: Prefixes) => Promise<Figures>,
): Promise<Figures> {
  const prefixes = { databasePrefix: `${run}_`, topicPrefix: `${run}.` };
  const system = await stack.startSystem({ ...prefixes, ...settings });
  const figures = await Promise.race([measure(system, prefixes), stack.broken]);
  await system.stop();
  // Else the tables of this run would be vacuumed during the next one.
  const { databaseUrl } = stack.infrastructure;
  for (const name of programNames) await dropDatabase(databaseUrlOf(databaseUrl, prefixes.databasePrefix + name));
  return figures;
}
