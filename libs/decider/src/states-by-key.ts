import type { WorkingSet } from './working-set.js';

/** A working set of states with one key each; it knows which ones a batch changed. */
export class StatesByKey<State, Command> implements WorkingSet<State, Command> {
  private readonly before: ReadonlyMap<string, State>;
  private readonly states: Map<string, State>;

  /**
   * @param loaded the stored states, by key
   * @param keyOf the key that a command is about
   * @param initial the state of a key that is not stored
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

  /** The states that differ from the loaded ones, by key. */
  changed(): [key: string, state: State][] {
    return [...this.states].filter(([key, state]) => state !== this.before.get(key));
  }
}
