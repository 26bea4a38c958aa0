// Who may import whom. The rules stand in CONTRIBUTING.md in words.
const infra = 'kafka|durable|telemetry|http|config|embedded';
const pure = 'contracts|decider';
const frameworks = '^(node_modules/)?(@nestjs/|@prisma/|prisma|kafkajs|@opentelemetry/|pg($|/)|fastify)';

const specs = '\\.(spec|int\\.spec|e2e\\.spec)\\.ts$|/test/';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-app-imports-an-app',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/simulation/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'the-simulation-imports-what-runs-without-a-world',
      severity: 'error',
      // Domains and sagas, and the working sets of two services: plain memory, between the rows and the domain.
      from: { path: '^apps/simulation/' },
      to: {
        path: '^apps/',
        pathNot: '^apps/simulation/|^apps/[^/]+/src/(domain|saga)/|/adapters/(inventories|order-desks)\\.ts$',
      },
    },
    { name: 'no-lib-imports-an-app', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    {
      name: 'pure-libs-import-pure-libs',
      severity: 'error',
      from: { path: `^libs/(${pure})/src`, pathNot: specs },
      to: { path: `^libs/(${infra}|testing)/` },
    },
    {
      name: 'pure-code-knows-no-framework',
      severity: 'error',
      from: { path: `^libs/(${pure})/src|^apps/[^/]+/src/(domain|saga)/`, pathNot: specs },
      to: { path: frameworks },
    },
    {
      name: 'testing-only-from-tests',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: `^libs/testing/|^apps/(e2e|simulation)/|${specs}` },
      to: { path: '^libs/testing/' },
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
      // The shape of an effect is a type of libs/durable; nothing of it runs here.
      from: { path: '^apps/([^/]+)/src/saga/', pathNot: specs },
      to: {
        path: '^(apps|libs)/',
        pathNot: `^libs/(${pure})/|^apps/$1/src/(domain|saga)/`,
        dependencyTypesNot: ['type-only'],
      },
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
      // The last one is loaded into a process under test, to hold a topic back there.
      from: { pathNot: '^libs/kafka/|^tools/chaos/hold-topics' },
      to: { path: '(^|/)node_modules/kafkajs' },
    },
    {
      name: 'e2e-imports-no-service',
      severity: 'error',
      from: { path: '^apps/e2e/' },
      to: { path: '^apps/', pathNot: '^apps/e2e/' },
    },
    {
      name: 'what-is-imported-is-there',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(nodemailer|smtp-server)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules|/dist/|/generated/' },
    exclude: { path: '/dist/|/generated/' },
    // tsc 7 has no JavaScript API yet. The notice about a missing transpiler at the end speaks of that; swc sees all imports.
    parser: 'swc',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['@orderflow/source', 'import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.mts', '.js', '.mjs', '.json'],
    },
  },
};
