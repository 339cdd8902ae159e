import { CausewayError } from '@causeway/contract';
import { assertConfig, type SandboxConfig, startSandbox } from '@causeway/sandbox';
import { readJsonInput } from '../read-input.ts';
import { tellParent, untilStopped } from './until-stopped.ts';

export interface SandboxOptions {
  readonly port: number;
  readonly orAnyPort?: boolean;
  readonly data?: string;
  readonly config?: string;
  readonly tlsPort?: number;
  readonly strictTransport?: boolean;
}

/** Serves a sandbox until stopped, or until the process that forked it is gone. */
export async function runSandbox(options: SandboxOptions): Promise<void> {
  const stopped = untilStopped();
  const config = options.config === undefined ? {} : await readConfig(options.config);
  const sandbox = await startSandbox({
    port: options.port,
    orAnyPort: options.orAnyPort ?? false,
    ...config,
    ...(options.data !== undefined && { dataDir: options.data }),
    ...(options.tlsPort !== undefined && { tlsPort: options.tlsPort }),
    strictTransport: options.strictTransport ?? false,
  });
  console.log(`sandbox ready ${sandbox.url}`);
  if (sandbox.tls) {
    const { url, authorityFile } = sandbox.tls;
    console.log(`and with TLS at ${url}, for clients with AWS_CA_BUNDLE=${authorityFile}`);
  }
  tellParent({ url: sandbox.url });
  await stopped;
  await sandbox.close();
}

async function readConfig(file: string): Promise<SandboxConfig> {
  const config = await readJsonInput(file);
  try {
    assertConfig(config);
    return config;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const issues = [{ path: `--config ${file}`, message }];
    throw new CausewayError('invalid_request', { issues }, { cause });
  }
}
