import type { Decider, MessageContext, WorkingSet } from '@orderflow/decider';
import { randomUUID } from 'node:crypto';

/** The context of the events that `handleBatch` records. */
export const batchContext: MessageContext = {
  id: 'request-1',
  correlationId: 'request-1',
  traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`,
  at: new Date('2026-11-01T12:00:00.000Z'),
};

interface Recorded<State, Event> {
  readonly id: string;
  readonly event: Event;
  readonly state: State;
  readonly context: MessageContext;
}

interface Repository<Sql, State, Command, Event, Loaded extends WorkingSet<State, Command>> {
  load(sql: Sql, commands: readonly Command[]): Promise<Loaded>;
  save(sql: Sql, loaded: Loaded, recorded: readonly Recorded<State, Event>[]): Promise<void>;
}

/**
 * Handles a batch in a transaction as libs/durable does, without inbox and outbox.
 * @param beforeSave runs between load and save
 * @returns the state after each command, and the recorded events
 */
export async function handleBatch<Sql, State, Command, Event, Loaded extends WorkingSet<State, Command>>(
  sql: Sql,
  decider: Decider<State, Command, Event>,
  repository: Repository<Sql, State, Command, Event, Loaded>,
  commands: readonly Command[],
  beforeSave?: () => Promise<unknown>,
): Promise<{ states: State[]; recorded: Recorded<State, Event>[] }> {
  const loaded = await repository.load(sql, commands);
  const recorded: Recorded<State, Event>[] = [];
  const states = commands.map((command) => {
    let state = loaded.get(command);
    for (const event of decider.decide(command, state)) {
      state = decider.evolve(state, event);
      recorded.push({ id: randomUUID(), event, state, context: batchContext });
    }
    loaded.set(command, state);
    return state;
  });
  await beforeSave?.();
  await repository.save(sql, loaded, recorded);
  return { states, recorded };
}
