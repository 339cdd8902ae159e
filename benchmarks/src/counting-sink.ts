import { fork } from 'node:child_process';
import { once } from 'node:events';

export interface CountingSink {
  /** Takes S3 uploads and PUTs of any path, and STS's AssumeRole and GetCallerIdentity. */
  readonly url: string;
  /** Bytes of object bodies received so far. */
  bytes(): Promise<number>;
  close(): Promise<void>;
}

/** Starts a process on 127.0.0.1 that swallows whatever is uploaded and counts it. */
export async function startCountingSink(): Promise<CountingSink> {
  const child = fork(new URL('./counting-sink-process.ts', import.meta.url), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exit = once(child, 'exit');
  const [message] = await Promise.race([
    once(child, 'message'),
    exit.then(() => Promise.reject(new Error('Cannot start the counting sink: it ended'))),
  ]);
  const { port } = message as { readonly port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    async bytes() {
      const answer = once(child, 'message');
      child.send('bytes');
      const [reply] = await answer;
      return (reply as { readonly bytes: number }).bytes;
    },
    async close() {
      child.disconnect();
      await exit;
    },
  };
}
