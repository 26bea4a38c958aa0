/** The states of one batch: loaded once, changed in memory, saved once. */
export interface WorkingSet<State, Command> {
  get(command: Command): State;
  set(command: Command, state: State): void;
}
