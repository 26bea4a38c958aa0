import { expect } from '@jest/globals';
import { BrokenRule, type Decider } from '@orderflow/decider';

interface When<Event> {
  /** Exactly these events happen, in this order. */
  then(...expected: [Event, ...Event[]]): void;
  /** It stays quiet: nothing new happens. */
  thenNothing(): void;
  /** The command breaks this rule (`BrokenRule.rule`), and nothing happens. */
  thenRefused(rule?: string): void;
}

/**
 * A decider in the words of its rules: `given(decider, state)(...past).when(command).then(...events)`.
 * @param initial the state before anything happened
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
