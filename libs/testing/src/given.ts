import { expect } from '@jest/globals';
import { BrokenRule, type Decider } from '@orderflow/decider';

interface When<Event> {
  /** The command is decided with exactly these events, in this order. */
  then(...expected: [Event, ...Event[]]): void;
  /** The command is decided without an event: nothing new. */
  thenNothing(): void;
  /** The command is rejected with this rule (`BrokenRule.rule`). */
  thenRefused(rule?: string): void;
}

/**
 * Tests a decider as `given(decider, state)(...past).when(command).then(...events)`.
 * @param initial the state before the first event
 */
export const given =
  <State, Command, Event>(decider: Decider<State, Command, Event>, initial: State) =>
  (...past: Event[]) => ({
    when(command: Command): When<Event> {
      const state = past.reduce((before, event) => decider.evolve(before, event), initial);
      return {
        then: (...expected) => expect(decider.decide(command, state)).toEqual(expected),
        thenNothing: () => expect(decider.decide(command, state)).toEqual([]),
        thenRefused: (rule) => {
          const broken = refusalOf(() => decider.decide(command, state));
          expect(broken).toBeInstanceOf(BrokenRule);
          if (rule !== undefined) expect((broken as BrokenRule).rule).toBe(rule);
        },
      };
    },
  });

function refusalOf(decide: () => unknown): unknown {
  try {
    return { decided: decide() };
  } catch (error) {
    return error;
  }
}
