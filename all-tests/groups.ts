/**
 * The test files that run in one process each group, under `npm test`. Alone, every file runs as it
 * is. Groups start in the order of their names: a long one at the end would leave a core idle.
 */
export const groups = {
  cli: ['packages/cli/src/**/*.test.ts'],
  connections: ['packages/connections/src/**/*.test.ts'],
  engine: ['packages/engine/src/**/*.test.ts'],
  rest: [
    'packages/{contract,delivery,objectstore,policy,sdk}/src/**/*.test.ts',
    'scripts/**/*.test.ts',
  ],
  sandbox: ['packages/sandbox/src/**/*.test.ts'],
  // Of the server, the fault suite alone is not here: it runs deliveries before it knows its tests.
  server: [
    'packages/server/src/{access-keys,check-gate,configuration,customers,http-server}.test.ts',
    'packages/server/src/{link-events,log,managed-buckets,open-secrets,openapi,rate-limit}.test.ts',
    'packages/server/src/{run-progress,secrets-kms,setup-links,signing-key,template-link}.test.ts',
    'packages/server/src/{secrets-canary,start-server,web-identity}.test.ts',
    'packages/server/src/connect-page/{mount-connect-page,browser/progress}.test.ts',
    'packages/server/src/{customer-import,page,refusals}/**/*.test.ts',
    'packages/server/src/schedule/due-times.test.ts',
    'packages/server/src/sources/{fetched-sources,source-path,sources}.test.ts',
    'packages/server/src/sources/postgres/postgres-sources.test.ts',
    'packages/server/src/webhooks/**/*.test.ts',
  ],
  // In a browser.
  pages: [
    'packages/server/src/pages.test.ts',
    'packages/server/src/connect-page/connect-page.test.ts',
    'packages/server/src/{managed-page,testing}/**/*.test.ts',
  ],
  // Runs of deliveries, on a stage each.
  runs: [
    'packages/server/src/cancel-and-retry.test.ts',
    'packages/server/src/{receipts,sending}/**/*.test.ts',
    'packages/server/src/schedule/schedules.test.ts',
    'packages/server/src/sources/deliver-sources.test.ts',
  ],
  // The same, of records that are pushed.
  pushes: ['packages/server/src/push/**/*.test.ts'],
  // The same, with workers that are killed and connections that fall ill.
  workers: [
    'packages/server/src/carry-out-runs.test.ts',
    'packages/server/src/health/**/*.test.ts',
  ],
  store: ['packages/store/src/**/*.test.ts'],
} as const;
