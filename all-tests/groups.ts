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
  store: ['packages/store/src/**/*.test.ts'],
} as const;
