import { bootstrapAndRun } from './bootstrap.mjs';

await bootstrapAndRun('tools/test.ts', process.argv.slice(2), { parts: 'own' });
