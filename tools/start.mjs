import { bootstrapAndRun } from './bootstrap.mjs';

await bootstrapAndRun('tools/start.ts', process.argv.slice(2), { parts: 'missing' });
