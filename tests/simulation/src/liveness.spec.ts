import { describe } from '@jest/globals';
import { explore } from './explore.js';

describe('after the last fault', () => {
  explore('liveness', 20_000);
});
