import { createHash } from 'node:crypto';
import { realpathSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SandboxError } from '../sandbox-error.ts';

/**
 * Keeps a second sandbox from writing to the same folder.
 *
 * The lock is a local socket that somebody listens on, because a socket, unlike
 * a file with a process id, can never outlive its process.
 *
 * @returns What gives the folder back.
 * @throws SandboxError `data_dir_in_use`.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const address = socketAddress(realpathSync(folder));
  try {
    return await listenOn(address);
  } catch (cause) {
    if (isFileSocket() && !(await isAnswering(address))) {
      unlinkSync(address);
      return listenOn(address);
    }
    throw new SandboxError(
      'data_dir_in_use',
      `Cannot start on data folder "${folder}": another sandbox is using it`,
      'Stop that sandbox, or name another folder',
      { cause },
    );
  }
}

/** Linux and Windows have socket names outside the file system, which need no clearing up. */
function socketAddress(path: string): string {
  const name = `causeway-sandbox-${createHash('sha256').update(path).digest('hex').slice(0, 32)}`;
  if (process.platform === 'linux') return `\0${name}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  return join(tmpdir(), `${name}.sock`);
}

function isFileSocket(): boolean {
  return process.platform !== 'linux' && process.platform !== 'win32';
}

function listenOn(address: string): Promise<() => Promise<void>> {
  const server: Server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.unref();
      resolve(() => new Promise((closed) => server.close(() => closed())));
    });
  });
}

function isAnswering(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
