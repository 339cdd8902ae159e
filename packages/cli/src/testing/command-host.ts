import { PassThrough } from 'node:stream';

/** A command to run, as a shell would be given it. */
export interface Order {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input: string | undefined;
}

/** How a command ended, and what it wrote. */
export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A process that runs `causeway` commands one after the other, each from its `main.ts` on:
 * loading the program takes half a second of a processor, and running a command hardly any.
 */
process.on('message', (order: Order) => void run(order).then((end) => process.send?.(end)));
process.once('disconnect', () => process.exit());

let runs = 0;

async function run({ args, cwd, env, input }: Order): Promise<Finished> {
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.argv.splice(2, Infinity, ...args);
  process.exitCode = undefined;
  const stdin = new PassThrough().end(input);
  Object.defineProperty(process, 'stdin', { value: stdin, configurable: true });
  const stdout = keep(process.stdout);
  const stderr = keep(process.stderr);

  // Under another name each time, since a module runs once; what it imports is loaded by then.
  const main = new URL(`../main.ts?${runs++}`, import.meta.url);
  await import(main.href);

  process.chdir('/');
  return { exitCode: Number(process.exitCode ?? 0), stdout: stdout(), stderr: stderr() };
}

/** Keeps what is written from now on, instead of writing it. */
function keep(stream: NodeJS.WriteStream): () => string {
  const written: Buffer[] = [];
  stream.write = (chunk: string | Uint8Array, ...more: unknown[]) => {
    written.push(Buffer.from(chunk as string));
    const done = more.at(-1);
    if (typeof done === 'function') process.nextTick(done);
    return true;
  };
  return () => Buffer.concat(written).toString('utf8');
}
