/** Runs a TypeScript program of the repository, on a fresh checkout too:  node scripts/run.mjs scripts/start.ts --once */
import { bootstrapAndRun } from './bootstrap.mjs';

/** The needs of a program: which of Kafka and the registry it starts, and whether an existing build is good enough for it. */
function needsOf(program) {
  if (program === 'scripts/start.ts') return { parts: 'missing' };
  if (program === 'scripts/test.ts') return { parts: 'own' };
  const startsSystem =
    /^tests\/|^scripts\/infra\.ts$/.test(program) ||
    /^bench\/src\/(bench|trace-cost|parked-cost|line-cost|secure-cost|console-cost|beside|slow-clients|soak|growth|rebuild-load)\.ts$/.test(
      program,
    );
  return { parts: startsSystem ? 'own' : 'none', onceOnly: true };
}

const [program, ...args] = process.argv.slice(2);
await bootstrapAndRun(program, args, needsOf(program));
