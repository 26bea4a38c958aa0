/** Runs a program of the repository, also on a fresh checkout:  node scripts/run.mjs ops/src/demo.ts --url http://localhost:3001 */
import { bootstrapAndRun } from './bootstrap.mjs';

const [program, ...args] = process.argv.slice(2);
// These start a system of their own.
const parts = program.startsWith('tests/') || /^bench\/src\/(trace|parked)-cost\.ts$/.test(program) ? 'own' : 'none';
await bootstrapAndRun(program, args, { parts, onceOnly: true });
