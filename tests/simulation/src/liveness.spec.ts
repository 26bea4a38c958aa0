import { describe } from '@jest/globals';
import { explore } from './explore.js';

describe('once the faults stop', () => {
  explore('liveness', 50_000);
});
