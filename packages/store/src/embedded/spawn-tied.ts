import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** Who a command runs as, and by which means. */
export interface Account {
  /** Null: as this process. */
  readonly uid: number | null;
  readonly gid: number | null;
  /** What stands before the command, such as `unshare` and its arguments. */
  readonly prefix: readonly string[];
  /** Why there is a prefix, for the message when it does not work. */
  readonly remark: string | null;
}

export interface TiedCommand {
  readonly command: readonly string[];
  readonly account: Account;
  readonly env: Readonly<Record<string, string>>;
  /** File descriptor for standard output and error. */
  readonly logFd: number;
}

/**
 * `sh` leaves a watcher behind and then becomes the command itself, under the
 * same process id. The watcher reads a pipe that only our process holds open: its
 * end, which also a SIGKILL brings about, makes it interrupt the command.
 */
const script = `
exec 3<&0 </dev/null
( ( read -r _ <&3; kill -INT $$ ) >/dev/null 2>&1 & )
exec 3<&- "$@"
`;

/**
 * Starts a command that gets SIGINT when this process ends, however it ends.
 *
 * It is a session of its own, so that Ctrl-C at the terminal reaches only us, and
 * it does not keep this process alive.
 */
export function spawnTied(tied: TiedCommand): ChildProcess {
  const { uid, gid, prefix } = tied.account;
  const child = spawn('/bin/sh', ['-c', script, 'sh', ...prefix, ...tied.command], {
    // The account may have no right to enter the current folder.
    cwd: '/',
    detached: true,
    env: tied.env,
    stdio: ['pipe', tied.logFd, tied.logFd],
    ...(uid === null ? {} : { uid }),
    ...(gid === null ? {} : { gid }),
  });
  child.unref();
  (child.stdin as Socket | null)?.unref();
  child.on('error', () => {
    // Told by waitForExit; without a listener a failed signal would end our process.
  });
  child.stdin?.on('error', () => {
    // The command closed its end; its exit tells more.
  });
  return child;
}

/** Resolves with a word on how the process ended; rejects when it could not be started. */
export function waitForExit(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const tell = () =>
      resolve(
        child.signalCode
          ? `it was ended by ${child.signalCode}`
          : `it ended with ${child.exitCode}`,
      );
    if (child.exitCode !== null || child.signalCode !== null) return tell();
    child.once('exit', tell);
    child.once('error', reject);
  });
}
