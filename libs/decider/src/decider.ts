/**
 * A pure decision: which events follow when `command` meets `state`. It reads no clock, no random number and no network;
 * its inputs come with the command or the state.
 */
export interface Decider<State, Command, Event> {
  /** @returns the new events; `[]` for a duplicate. @throws BrokenRule when the command is not allowed */
  decide(command: Command, state: State): readonly Event[];
  /** @returns the state after `event`; the given state is left unchanged */
  evolve(state: State, event: Event): State;
}

/**
 * The command breaks a rule of the domain: 409 over HTTP, parked over Kafka.
 * @param message the reason, for operators and customers
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

/** Closes a switch over a union: a missing case does not compile. @throws Error if it is reached at run time */
export function assertNever(value: never): never {
  throw new Error(`unexpected: ${JSON.stringify(value)}`);
}
