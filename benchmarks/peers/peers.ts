import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { alternate, ratioFigure } from '../src/delivery/alternate.ts';
import { parquet } from '../src/delivery/form.ts';
import { type DeliveryStage, openDeliveryStage } from '../src/delivery/stage.ts';
import { lineitem, usualMillions } from '../src/delivery/tables.ts';
import { type Figure, round2 } from '../src/figure.ts';

const rounds = 3;
const dltScript = fileURLToPath(new URL('./deliver-with-dlt.py', import.meta.url));

/**
 * The same rows into the same bucket of the same sandbox, by turns: through a delivery
 * of ours, through dlt, and by `rclone copy` of files that were written before. Neither
 * does all that a delivery does: nothing of theirs is journaled, signed, or visible as
 * a whole or not at all. What is not installed is left out, and said.
 */
export async function benchPeers(): Promise<Figure[]> {
  const source = await lineitem(usualMillions);
  const stage = await openDeliveryStage();
  const folder = mkdtempSync(join(tmpdir(), 'causeway-peers-'));
  const ours = () => stage.deliver('sandbox', source, parquet);
  try {
    const figures: Figure[] = [];
    const python = pythonWith('dlt', 'pyarrow', 's3fs');
    if (python) {
      const [own, dlt] = await alternate(rounds, [
        ours,
        () => runDlt(python, stage, source, folder),
      ]);
      figures.push(ratioFigure('peers.dlt.parquet.vs_delivery', ['dlt', dlt], ['delivery', own]));
    }
    if (runs('rclone', ['version'])) {
      const ready = join(folder, 'ready.parquet');
      const written = await stage.copy(source, parquet, ready);
      const [own, copied] = await alternate(rounds, [ours, () => runRclone(stage, ready, folder)]);
      const name = 'peers.rclone.ready_file.vs_delivery';
      const figure = ratioFigure(name, ['rclone', copied], ['delivery', own]);
      const secondsToWrite = round2(written / 1000);
      figures.push({ ...figure, details: { ...figure.details, secondsToWrite } });
    }
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await stage.close();
  }
}

const run = promisify(execFile);

async function runDlt(
  python: string,
  { bucket }: DeliveryStage,
  source: string,
  folder: string,
): Promise<number> {
  const work = mkdtempSync(join(folder, 'dlt-'));
  const to = `s3://${bucket.name}/dlt-${Date.now()}`;
  const env = { PATH: process.env['PATH'], HOME: work, ...awsVariables(bucket) };
  const { stdout } = await run(python, [dltScript, source, to, bucket.endpoint, work], { env });
  const answer = JSON.parse(stdout) as { readonly rows: number; readonly seconds: number };
  if (answer.rows !== usualMillions * 1_000_000)
    throw new Error(`dlt delivered ${answer.rows} rows`);
  console.error(`dlt: ${round2(answer.seconds)} s`);
  rmSync(work, { recursive: true, force: true });
  return answer.seconds * 1000;
}

/** With S3's usual ways: parts of 5 MiB, four at once. */
async function runRclone(
  { bucket }: DeliveryStage,
  ready: string,
  folder: string,
): Promise<number> {
  const remote = ':s3,provider=Other,env_auth=true,force_path_style=true,no_check_bucket=true';
  const target = `${remote},endpoint="${bucket.endpoint}":${bucket.name}/rclone-${Date.now()}`;
  const env = { PATH: process.env['PATH'], HOME: folder, ...awsVariables(bucket) };
  const began = performance.now();
  await run('rclone', ['copy', ready, target], { env });
  const milliseconds = performance.now() - began;
  const { stdout } = await run('rclone', ['size', '--json', target], { env });
  const { bytes } = JSON.parse(stdout) as { readonly bytes: number };
  if (bytes !== statSync(ready).size) throw new Error(`rclone copied ${bytes} bytes`);
  console.error(`rclone: ${round2(milliseconds / 1000)} s`);
  return milliseconds;
}

function awsVariables({ accessKeyId, secretAccessKey }: DeliveryStage['bucket']) {
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** Whatever Python is first in PATH, as that of a virtual environment, if it has all of these. */
function pythonWith(...libraries: readonly string[]): string | null {
  return runs('python3', ['-c', `import ${libraries.join(', ')}`]) ? 'python3' : null;
}

/** Whether a program runs; it is said when it does not. */
function runs(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    console.error(`left out, since it does not run here: ${[program, ...args].join(' ')}`);
    return false;
  }
}
