import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { accessSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../support/free-port.ts';
import { cephConfiguration } from './ceph-configuration.ts';

/** A one-node Ceph with its S3 gateway, on loopback. */
export interface Ceph {
  /** S3, STS and IAM of the gateway. */
  readonly url: string;
  /** Runs `radosgw-admin` and gives what it printed. */
  admin(...args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

const programs = ['ceph', 'ceph-mon', 'ceph-osd', 'monmaptool', 'radosgw', 'radosgw-admin'];

/** Why Ceph cannot run here; null when it can. */
export function cephIsMissing(): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  const found = (program: string) =>
    folders.some((folder) => {
      try {
        accessSync(join(folder, program));
        return true;
      } catch {
        return false;
      }
    });
  const missing = programs.filter((program) => !found(program));
  if (missing.length > 0)
    return `${missing.join(', ')} not found; Debian's radosgw, ceph-mon, ceph-osd and ceph-common have them`;
  return userInfo().uid === 0 ? null : 'the packages of Debian start their daemons as root only';
}

/**
 * Makes a cluster of one monitor, one object daemon that keeps everything in
 * memory, and the gateway; 12 s. A cluster is never started a second time.
 */
export async function startCeph(): Promise<Ceph> {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-ceph-'));
  const daemons: ChildProcess[] = [];
  const stop = async () => {
    // The gateway first, the monitor last: each needs the next to end in peace.
    for (const daemon of daemons.reverse()) await end(daemon);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const cluster = await prepare(folder);
    await startDaemons(cluster, daemons);
    return { url: cluster.url, admin: (...args) => cluster.run('radosgw-admin', args), stop };
  } catch (error) {
    const logs = await lastLines(folder);
    await stop();
    throw new Error(`Cannot start Ceph: ${error instanceof Error ? error.message : error}${logs}`);
  }
}

interface Cluster {
  readonly folder: string;
  readonly url: string;
  readonly monitorPort: number;
  readonly fsid: string;
  readonly run: (program: string, args: readonly string[]) => Promise<string>;
}

async function prepare(folder: string): Promise<Cluster> {
  const [port, monitorPort] = [await freePort(), await freePort()];
  const fsid = randomUUID();
  for (const name of ['mon', 'osd', 'run', 'log']) await mkdir(join(folder, name));
  const configuration = join(folder, 'ceph.conf');
  await writeFile(configuration, cephConfiguration({ folder, fsid, port, monitorPort }));
  const env = { ...process.env, CEPH_CONF: configuration };
  const run = async (program: string, args: readonly string[]) => {
    // Every one of them waits for ever when a daemon is gone.
    const options = { env, timeout: 60_000, maxBuffer: 16 * 1024 ** 2 };
    const common = program === 'monmaptool' ? [] : ['-c', configuration];
    return (await promisify(execFile)(program, [...common, ...args], options)).stdout;
  };
  return { folder, url: `http://127.0.0.1:${port}`, monitorPort, fsid, run };
}

async function startDaemons(cluster: Cluster, daemons: ChildProcess[]): Promise<void> {
  const { folder, run } = cluster;
  const start = async (program: string, args: readonly string[]) => {
    const log = await open(join(folder, 'log', `${program}.out`), 'a');
    const options = { stdio: ['ignore', log.fd, log.fd] as ['ignore', number, number] };
    const daemon = spawn(program, ['-c', join(folder, 'ceph.conf'), ...args, '-f'], options);
    daemons.push(daemon);
    await Promise.race([once(daemon, 'spawn'), once(daemon, 'error')]);
    await log.close();
  };
  const map = join(folder, 'monmap');
  const address = `[v1:127.0.0.1:${cluster.monitorPort}]`;
  await run('monmaptool', ['--create', '--fsid', cluster.fsid, '--addv', 'a', address, map]);
  await run('ceph-mon', ['--mkfs', '-i', 'a', '--monmap', map]);
  await start('ceph-mon', ['-i', 'a']);
  await until('the monitor answers', () => run('ceph', ['--connect-timeout', '2', 'mon', 'stat']));

  const id = randomUUID();
  await run('ceph', ['osd', 'new', id, '0']);
  // By hand: a daemon that does so itself may speak to the monitor before it knows its map, and ends.
  await run('ceph', ['osd', 'crush', 'add', '0', '1', 'root=default', 'host=one']);
  await run('ceph-osd', ['-i', '0', '--mkfs', '--osd-uuid', id]);
  await start('ceph-osd', ['-i', '0']);
  await until('the object daemon is up', async () => {
    if (!(await run('ceph', ['osd', 'stat'])).includes('1 up')) throw new Error('it is down');
  });

  // The zonegroup's name is the region that the gateway calls its own.
  await run('radosgw-admin', ['realm', 'create', '--rgw-realm=test', '--default']);
  const group = '--rgw-zonegroup=us-east-1';
  await run('radosgw-admin', ['zonegroup', 'create', group, '--master', '--default']);
  await run('radosgw-admin', [
    'zone',
    'create',
    group,
    '--rgw-zone=default',
    '--master',
    '--default',
  ]);
  await run('radosgw-admin', ['period', 'update', '--commit']);
  await start('radosgw', ['-n', 'client.rgw']);
  await until('the gateway answers', async () => (await fetch(cluster.url)).text());
}

async function until(what: string, attempt: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (cause) {
      if (Date.now() > deadline) throw new Error(`waited a minute until ${what}`, { cause });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function end(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null || daemon.pid === undefined) return;
  const ended = once(daemon, 'exit');
  daemon.kill('SIGTERM');
  const patience = setTimeout(() => daemon.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(patience);
}

async function lastLines(folder: string): Promise<string> {
  let text = '';
  for (const program of ['ceph-mon', 'ceph-osd', 'radosgw']) {
    const log = await readFile(join(folder, 'log', `${program}.out`), 'utf8').catch(() => '');
    if (log !== '') text += `\n${program}: ${log.split('\n').slice(-5).join('\n')}`;
  }
  return text;
}
