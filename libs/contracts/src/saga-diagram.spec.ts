import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { sagaPage } from './index.js';

describe('docs/saga.md', () => {
  it('is what the saga table publishes; `npm run docs:saga` writes it anew', () => {
    expect(readFileSync(new URL('../../../docs/saga.md', import.meta.url), 'utf8')).toBe(sagaPage());
  });
});
