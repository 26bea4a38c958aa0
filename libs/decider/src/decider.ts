/**
 * A pure decision: what happens when `command` meets `state`.
 * Nothing in here reads a clock, a random number or the network; whatever is needed comes in with the command or the state.
 */
export interface Decider<State, Command, Event> {
  /** @returns what happened; `[]` when the command was heard before. @throws BrokenRule when it must not happen. */
  decide(command: Command, state: State): readonly Event[];
  /** @returns the state after `event`; the given state is left as it was. */
  evolve(state: State, event: Event): State;
}

/**
 * The command breaks a rule of the domain: 409 over HTTP, parked over Kafka.
 * @param message what is wrong, in words for a person
 * @param rule a stable name for programs, kebab-case
 */
export class BrokenRule extends Error {
  override readonly name = 'BrokenRule';
  constructor(
    message: string,
    readonly rule: string = 'conflict',
  ) {
    super(message);
  }
}

/** Closes a switch over a union: a case that is missing does not compile. @throws Error if it is reached all the same. */
export function assertNever(value: never): never {
  throw new Error(`unexpected: ${JSON.stringify(value)}`);
}
