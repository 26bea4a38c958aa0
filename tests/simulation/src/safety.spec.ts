import { describe } from '@jest/globals';
import { explore } from './explore.js';

describe('after every step, under faults', () => {
  explore('safety', 20_000);
});
