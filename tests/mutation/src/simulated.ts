import { durable } from './durable.ts';
import type { Mutant } from './mutant.ts';
import { services } from './services.ts';

const SEED = 20_261_121;

/** The first plan that breaks a rule is enough, of so many. */
const env = { SIMULATION_SEED: String(SEED), SIMULATION_RUNS: '300', SIMULATION_FIRST: 'yes' };

type Mode = 'safety' | 'liveness';

/** What the simulation of the whole saga notices by itself, without a test of the part: by guard. */
const noticed: readonly (readonly [guard: string, mode: Mode])[] = [
  ['an event that stands twice in a batch is handled once', 'safety'],
  ['what happened goes to the outbox in the transaction of its effect', 'liveness'],
  ['group commit: a command that breaks a rule takes only itself out', 'liveness'],
  ['the relay deletes only what was acknowledged', 'liveness'],
  ['an outside call is asked again with the same key, until there is an answer', 'liveness'],
  ['an answer takes its call away in its own transaction', 'liveness'],
  ['payments: a capture that comes after the cancellation is refunded', 'liveness'],
  ['payments: a cancellation refunds what was captured', 'liveness'],
  ['inventory: a cancellation releases what was set aside', 'liveness'],
];

export const simulated: readonly Mutant[] = noticed.map(([guard, mode]) => ({
  ...[...durable, ...services].find((mutant) => mutant.guard === guard)!,
  check: {
    file: `tests/simulation/src/${mode}.spec.ts`,
    name: `no rule is broken, ${mode}, seed ${SEED}`,
    env,
  },
  says: 'Violation',
}));
