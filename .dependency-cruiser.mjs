/** The allowed flow of imports: protocol <- {gate, access, charter, ledger, engine, watermark} <- {session, installation} <- apps. DESIGN: libraries form a fan. */
const allowed = {
  protocol: [],
  gate: ['protocol'],
  access: ['protocol'],
  charter: ['protocol'],
  ledger: ['protocol'],
  policy: ['protocol'],
  detect: ['protocol'],
  realtime: ['protocol'],
  engine: ['protocol', 'realtime'],
  installation: ['ledger', 'protocol'],
  sdk: ['protocol'],
  watermark: [],
  session: ['protocol', 'gate', 'ledger', 'policy', 'watermark'],
  content: ['protocol', 'gate'],
  reports: ['protocol', 'ledger'],
};

const fan = Object.entries(allowed).map(([lib, may]) => ({
  name: `libs-${lib}-imports-only-${may.join('-') || 'itself'}`,
  severity: 'error',
  from: { path: `^libs/${lib}/` },
  to: { path: '^(libs|apps|test|scripts)/', pathNot: `^libs/(${[lib, ...may].join('|')})/` },
}));

export default {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    ...fan,
    {
      name: 'domain-knows-no-framework',
      severity: 'error',
      // The one exception holds the WebSocket to an upstream: it moves text, and everything that decides stays pure beside it.
      from: { path: '^libs/', pathNot: '^libs/engine/src/upstream-socket[.]ts$' },
      to: { path: 'node_modules/(@nestjs|@prisma|bullmq|fastify|ws)/' },
    },
    {
      name: 'nest-and-prisma-stay-in-api',
      severity: 'error',
      from: { path: '^(apps/(console|cli)|libs)/' },
      to: { path: 'node_modules/(@nestjs|@prisma|bullmq)/' },
    },
    { name: 'apps-stand-alone', severity: 'error', from: { path: '^apps/([^/]+)/' }, to: { path: '^apps/', pathNot: '^apps/$1/' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/|src/generated/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs'],
    },
  },
};
