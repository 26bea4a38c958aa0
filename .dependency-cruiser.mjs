// Who may import whom. The rules stand in CONTRIBUTING.md in words.
const pure = 'contracts|decider|order-view|console-api';
const frameworks = '^(node_modules/)?(@nestjs/|@prisma/|prisma|kafkajs|@opentelemetry/|pg($|/)|fastify)';
const specs = '\\.(spec|int\\.spec|e2e\\.spec)\\.ts$|/test/';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-app-imports-an-app',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    { name: 'no-lib-imports-an-app', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    {
      name: 'product-imports-no-proof-and-no-operation',
      severity: 'error',
      from: { path: '^(apps|libs)/' },
      to: { path: '^(tests|ops|bench|scripts)/' },
    },
    {
      name: 'operation-imports-no-service-and-no-proof-but-the-invariants',
      severity: 'error',
      from: { path: '^ops/src/' },
      to: { path: '^(apps|bench|scripts)/|^tests/(?!invariants/)' },
    },
    {
      name: 'invariants-are-pure',
      severity: 'error',
      from: { path: '^tests/invariants/' },
      to: { path: `^(apps|ops|bench|scripts)/|^tests/(?!invariants/)|^libs/(?!(${pure})/)|${frameworks}` },
    },
    {
      name: 'tests-and-bench-import-what-is-pure-of-a-service',
      severity: 'error',
      from: { path: '^(tests|bench)/' },
      to: { path: '^apps/', pathNot: '^apps/[^/]+/src/(domain/|(saga|recovery)\\.ts$)' },
    },
    {
      name: 'tests-and-bench-import-no-scripts',
      severity: 'error',
      from: { path: '^(tests|bench)/' },
      to: { path: '^scripts/' },
    },
    {
      name: 'pure-libs-import-pure-libs',
      severity: 'error',
      from: { path: `^libs/(${pure})/src`, pathNot: specs },
      to: { path: `^libs/(?!(${pure})/)` },
    },
    {
      name: 'pure-code-knows-no-framework',
      severity: 'error',
      from: { path: `^libs/(${pure})/src|^apps/[^/]+/src/(domain/|(saga|recovery)\\.ts$)`, pathNot: specs },
      to: { path: frameworks },
    },
    {
      name: 'pure-libs-run-in-a-browser',
      severity: 'error',
      from: { path: `^libs/(${pure})/src`, pathNot: specs },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pages-import-what-runs-in-a-browser',
      severity: 'error',
      from: { path: '^apps/console-web/src/', pathNot: specs },
      to: { path: `^libs/(?!(${pure})/)|^apps/(?!console-web/src/)|${frameworks}` },
    },
    {
      name: 'testing-only-from-tests',
      severity: 'error',
      from: { path: '^(apps|libs|ops|bench|scripts)/', pathNot: `^libs/testing/|${specs}` },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'services-do-not-import-the-client',
      severity: 'error',
      from: { path: '^apps/|^libs/(?!(client|local|testing)/)', pathNot: specs },
      to: { path: '^libs/client/' },
    },
    {
      name: 'domain-imports-pure-libs-and-itself',
      severity: 'error',
      from: { path: '^apps/([^/]+)/src/domain/', pathNot: specs },
      to: { path: '^(apps|libs)/', pathNot: `^libs/(${pure})/|^apps/$1/src/domain/` },
    },
    {
      name: 'saga-imports-domain-and-pure-libs',
      severity: 'error',
      from: { path: '^apps/([^/]+)/src/(saga|recovery)\\.ts$' },
      to: { path: '^(apps|libs)/', pathNot: `^libs/(${pure})/|^apps/$1/src/(domain/|saga\\.ts$)` },
    },
    {
      name: 'http-and-adapters-do-not-meet',
      severity: 'error',
      from: { path: '^apps/([^/]+)/src/http/', pathNot: specs },
      to: { path: '^apps/$1/src/adapters/' },
    },
    {
      name: 'adapters-and-http-do-not-meet',
      severity: 'error',
      from: { path: '^apps/([^/]+)/src/adapters/', pathNot: specs },
      to: { path: '^apps/$1/src/http/' },
    },
    {
      name: 'kafkajs-behind-one-port',
      severity: 'error',
      from: { pathNot: '^libs/kafka/' },
      to: { path: '(^|/)node_modules/kafkajs' },
    },
    {
      name: 'sessions-of-postgres-in-one-place',
      severity: 'error',
      from: { pathNot: '^libs/postgres/' },
      to: { path: '(^|/)node_modules/(@types/)?pg/' },
    },
    {
      name: 'what-is-imported-is-there',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules|/dist/|/generated/' },
    // The peers of the bench are packages of their own, which are not installed with the product.
    exclude: { path: '/dist/|/generated/|^bench/peers/' },
    // tsc 7 has no JavaScript API yet. The notice about a missing transpiler at the end speaks of that; swc sees all imports.
    parser: 'swc',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['@orderflow/source', 'import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.tsx', '.mts', '.js', '.mjs', '.json'],
    },
  },
};
