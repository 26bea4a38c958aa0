import type { Connection, Sql } from '@orderflow/durable';
import { InventoryRepository } from '../src/adapters/inventory-repository.js';
import { decide } from '../src/domain/decide.js';
import { evolve } from '../src/domain/evolve.js';
import type { Inventory, InventoryCommand } from '../src/domain/inventory.js';

const repository = new InventoryRepository();

/**
 * A batch as libs/durable commits it, without inbox and outbox.
 * @param beforeSave lets others in at the worst moment
 * @returns the state after each command
 */
export const handle = (
  member: Connection,
  commands: readonly InventoryCommand[],
  beforeSave?: () => Promise<unknown>,
): Promise<Inventory[]> => member.transaction((sql) => handleIn(sql, commands, beforeSave));

/** The same inside of a transaction. */
export async function handleIn(
  sql: Sql,
  commands: readonly InventoryCommand[],
  beforeSave?: () => Promise<unknown>,
): Promise<Inventory[]> {
  const inventories = await repository.load(sql, commands);
  const states = commands.map((command) => {
    const before = inventories.get(command);
    const after = decide(command, before).reduce(evolve, before);
    inventories.set(command, after);
    return after;
  });
  await beforeSave?.();
  await repository.save(sql, inventories);
  return states;
}
