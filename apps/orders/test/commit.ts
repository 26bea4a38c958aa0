import type { Decider, MessageContext, ServiceTypes } from '@orderflow/decider';
import { Connection, type RecordedEvent, type Repository } from '@orderflow/durable';
import { v7 as uuidv7 } from 'uuid';

export const context: MessageContext = {
  id: 'request-1',
  correlationId: 'request-1',
  traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`,
  at: new Date('2026-11-01T12:00:00.000Z'),
};

/** Commits one batch as libs/durable does, without inbox and outbox. `beforeSave` runs between load and save. */
export function commit<T extends ServiceTypes>(
  connection: Connection,
  decider: Decider<T['state'], T['command'], T['event']>,
  repository: Repository<T>,
  commands: readonly T['command'][],
  beforeSave: () => Promise<unknown> = async () => undefined,
): Promise<readonly RecordedEvent<T['event'], T['state']>[]> {
  return connection.transaction(async (sql) => {
    const loaded = await repository.load(sql, commands);
    const recorded: RecordedEvent<T['event'], T['state']>[] = [];
    for (const command of commands) {
      let state = loaded.get(command);
      for (const event of decider.decide(command, state)) {
        state = decider.evolve(state, event);
        recorded.push({ id: uuidv7(), event, state, context });
      }
      loaded.set(command, state);
    }
    await beforeSave();
    await repository.save(sql, loaded, recorded);
    return recorded;
  });
}
