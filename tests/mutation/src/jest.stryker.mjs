import config from '../../../jest.config.mjs';

const unit = config.projects.find(({ displayName }) => displayName === 'unit');

/** The unit tests of one folder, from where this copy of the repository is. Those of `http/` and `adapters/` load all of Nest. */
export default {
  ...unit,
  rootDir: `${import.meta.dirname}/../../..`,
  roots: [`<rootDir>/${process.env.MUTATED_FOLDER}`],
  // The copy is instrumented. A mutant that hangs is ended by Stryker.
  testTimeout: 20_000,
  testPathIgnorePatterns: [...unit.testPathIgnorePatterns, '/(http|adapters)/'],
};
