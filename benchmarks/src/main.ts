import type { Figure } from './figure.ts';

/** Each prints the figures that begin with its name. */
const benches: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  policy: async () => (await import('./policy.ts')).benchPolicy(),
  upload: async () => (await import('./upload.ts')).benchUpload(),
  check: async () => (await import('./check.ts')).benchCheck(),
  delivery: async () => (await import('./delivery.ts')).benchDelivery(),
  sandbox: async () => (await import('./sandbox.ts')).benchSandbox(),
  push: async () => (await import('./push.ts')).benchPush(),
  start: async () => (await import('./start.ts')).benchStart(),
};

const chosen = process.argv.slice(2);
for (const name of chosen.length > 0 ? chosen : Object.keys(benches)) {
  const bench = benches[name];
  if (!bench) {
    console.error(`There is no bench "${name}", only ${Object.keys(benches).join(', ')}`);
    process.exitCode = 2;
    break;
  }
  for (const figure of await bench()) console.log(JSON.stringify(figure));
}
