import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { sagaPage } from './index.js';

describe('docs/saga.md', () => {
  it('is up to date with the saga table; `npm run docs:saga` writes it', () => {
    expect(readFileSync(new URL('../../../docs/saga.md', import.meta.url), 'utf8')).toBe(sagaPage());
  });
});
