import type { Figure } from './figure.ts';

/** Each prints the figures that begin with its name; `delivery` runs all of `delivery.*`. */
const benches: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  policy: async () => (await import('./policy.ts')).benchPolicy(),
  upload: async () => (await import('./upload.ts')).benchUpload(),
  check: async () => (await import('./check.ts')).benchCheck(),
  'delivery.parquet': async () => (await import('./delivery/forms.ts')).benchParquet(),
  'delivery.csv': async () => (await import('./delivery/forms.ts')).benchCsv(),
  'delivery.csv_gz': async () => (await import('./delivery/forms.ts')).benchCsvGzip(),
  'delivery.jsonl': async () => (await import('./delivery/forms.ts')).benchJsonl(),
  'delivery.small': async () => (await import('./delivery/small.ts')).benchSmall(),
  'delivery.memory': async () => (await import('./delivery/memory.ts')).benchMemory(),
  'fanout.229': async () => (await import('./fanout.ts')).benchFanOut229(),
  'fanout.1000': async () => (await import('./fanout.ts')).benchFanOut1000(),
  peers: async () => (await import('../peers/peers.ts')).benchPeers(),
  postgres: async () => (await import('./postgres.ts')).benchPostgres(),
  sandbox: async () => (await import('./sandbox.ts')).benchSandbox(),
  push: async () => (await import('./push.ts')).benchPush(),
  start: async () => (await import('./start.ts')).benchStart(),
};

const names = Object.keys(benches);
const asked = process.argv.slice(2);
const fits = (name: string, wanted: string) => name === wanted || name.startsWith(`${wanted}.`);
const unknown = asked.filter((wanted) => !names.some((name) => fits(name, wanted)));
if (unknown.length > 0) {
  console.error(`There is no bench "${unknown.join('", "')}", only ${names.join(', ')}`);
  process.exitCode = 2;
} else {
  const chosen = names.filter(
    (name) => asked.length === 0 || asked.some((wanted) => fits(name, wanted)),
  );
  for (const name of chosen) {
    for (const figure of (await benches[name]?.()) ?? []) console.log(JSON.stringify(figure));
  }
}
