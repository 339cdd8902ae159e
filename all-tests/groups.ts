/** The test files that run in one process each group, under `npm test`. Alone, every file runs as it is. */
export const groups = {
  cli: ['packages/cli/src/**/*.test.ts'],
  connections: ['packages/connections/src/**/*.test.ts'],
  engine: ['packages/engine/src/**/*.test.ts'],
  rest: [
    'packages/{contract,delivery,objectstore,policy,sdk}/src/**/*.test.ts',
    'scripts/**/*.test.ts',
  ],
  sandbox: ['packages/sandbox/src/**/*.test.ts'],
  // Of the server, the others take longer than their start, or wait much: two of them at once save time.
  server: [
    'packages/server/src/{access-keys,check-gate,configuration,customers,http-server}.test.ts',
    'packages/server/src/{link-events,log,managed-buckets,open-secrets,openapi,rate-limit}.test.ts',
    'packages/server/src/{run-progress,secrets-kms,setup-links,signing-key,template-link}.test.ts',
    'packages/server/src/web-identity.test.ts',
    'packages/server/src/connect-page/{mount-connect-page,browser/progress}.test.ts',
    'packages/server/src/{customer-import,page}/**/*.test.ts',
    'packages/server/src/schedule/due-times.test.ts',
    'packages/server/src/sources/{fetched-sources,source-path,sources}.test.ts',
    'packages/server/src/webhooks/{sign-webhook,webhook-addresses}.test.ts',
  ],
  // Runs of deliveries, on a stage each.
  runs: [
    'packages/server/src/cancel-and-retry.test.ts',
    'packages/server/src/{receipts,sending}/**/*.test.ts',
    'packages/server/src/schedule/schedules.test.ts',
    'packages/server/src/sources/deliver-sources.test.ts',
  ],
  store: ['packages/store/src/**/*.test.ts'],
} as const;
