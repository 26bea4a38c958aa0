/** Runs a program of this folder, also on a fresh checkout:  node tools/run.mjs demo --url http://localhost:3001 */
import { bootstrapAndRun } from './bootstrap.mjs';

const [program, ...args] = process.argv.slice(2);
// These start a system of their own.
const parts = ['game-day', 'trace-cost', 'chaos', 'mutants', 'parked-cost'].includes(program) ? 'own' : 'none';
await bootstrapAndRun(`tools/${program}.ts`, args, { parts, onceOnly: true });
