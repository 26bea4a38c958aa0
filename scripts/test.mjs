import { bootstrapAndRun } from './bootstrap.mjs';

await bootstrapAndRun('scripts/test.ts', process.argv.slice(2), { parts: 'own' });
