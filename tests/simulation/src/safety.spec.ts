import { describe } from '@jest/globals';
import { explore } from './explore.js';

describe('at every moment, whatever goes wrong', () => {
  explore('safety', 52_000);
});
