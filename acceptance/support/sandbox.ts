import { openCommand, readyMessage } from './target.ts';

export interface SandboxTarget {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts `causeway sandbox` on any free port, with nothing in it. */
export async function startSandbox(args: readonly string[] = []): Promise<SandboxTarget> {
  const { child, stop } = openCommand(['sandbox', '--port', '0', ...args], {});
  const { url } = await readyMessage<{ url: string }>(child);
  return { url, stop };
}
