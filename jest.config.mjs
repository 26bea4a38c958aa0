// Node reads the tests as ES modules: run with `node --experimental-vm-modules` (scripts/test.ts does).
const shared = {
  rootDir: import.meta.dirname,
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/tests', '<rootDir>/ops', '<rootDir>/bench'],
  testEnvironment: 'node',
  // Libraries are read from their sources: a test never runs against a build that is out of date.
  testEnvironmentOptions: { customExportConditions: ['@orderflow/source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['/dist/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};

const level = (displayName, testMatch, testPathIgnorePatterns = []) => ({
  ...shared,
  displayName,
  testMatch,
  testPathIgnorePatterns: ['/node_modules/', '/dist/', ...testPathIgnorePatterns],
});

export default {
  testTimeout: 60_000,
  projects: [
    level('unit', ['**/*.spec.ts'], ['\\.(int|e2e)\\.spec\\.ts$']),
    level('int', ['**/*.int.spec.ts']),
    level('e2e', ['**/*.e2e.spec.ts']),
  ],
};
