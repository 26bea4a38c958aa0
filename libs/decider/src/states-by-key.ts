import type { WorkingSet } from './working-set.js';

/** States by one key each: remembers which ones a batch changed. */
export class StatesByKey<State, Command> implements WorkingSet<State, Command> {
  private readonly before: ReadonlyMap<string, State>;
  private readonly states: Map<string, State>;

  /**
   * @param loaded what the database holds, by key
   * @param keyOf the key that a command is about
   * @param initial the state of a key that is not loaded
   */
  constructor(
    loaded: ReadonlyMap<string, State>,
    private readonly keyOf: (command: Command) => string,
    private readonly initial: (key: string) => State,
  ) {
    this.before = loaded;
    this.states = new Map(loaded);
  }

  get(command: Command): State {
    const key = this.keyOf(command);
    return this.states.get(key) ?? this.initial(key);
  }

  set(command: Command, state: State): void {
    this.states.set(this.keyOf(command), state);
  }

  /** The states that are not as they were loaded, by key. */
  changed(): [key: string, state: State][] {
    return [...this.states].filter(([key, state]) => state !== this.before.get(key));
  }
}
