import type { Connection, Sql } from '@orderflow/durable';
import { InventoryRepository } from '../src/adapters/inventory-repository.js';
import { decide } from '../src/domain/decide.js';
import { evolve } from '../src/domain/evolve.js';
import type { Inventory, InventoryCommand } from '../src/domain/inventory.js';

const repository = new InventoryRepository();

/**
 * Commits one batch as libs/durable does, without inbox and outbox.
 * @param beforeSave runs between load and save
 * @returns the state after each command
 */
export const handle = (
  connection: Connection,
  commands: readonly InventoryCommand[],
  beforeSave?: () => Promise<unknown>,
): Promise<Inventory[]> => connection.transaction((sql) => handleIn(sql, commands, beforeSave));

/** The same inside a transaction. */
export async function handleIn(
  sql: Sql,
  commands: readonly InventoryCommand[],
  beforeSave?: () => Promise<unknown>,
): Promise<Inventory[]> {
  const workingSet = await repository.load(sql, commands);
  const states = commands.map((command) => {
    const before = workingSet.get(command);
    const after = decide(command, before).reduce(evolve, before);
    workingSet.set(command, after);
    return after;
  });
  await beforeSave?.();
  await repository.save(sql, workingSet);
  return states;
}
