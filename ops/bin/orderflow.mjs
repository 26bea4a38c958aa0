#!/usr/bin/env node
// Runs `orderflow` on any checkout: a fresh one is installed and built first.
import { bootstrapAndRun } from '../../scripts/bootstrap.mjs';

await bootstrapAndRun('ops/src/orderflow.ts', process.argv.slice(2), { parts: 'none', onceOnly: true });
