import { bootstrapAndRun } from './bootstrap.mjs';

await bootstrapAndRun('scripts/start.ts', process.argv.slice(2), { parts: 'missing' });
