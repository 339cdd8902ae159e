import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CausewayError } from '@causeway/contract';
import { Client } from 'pg';
import { isProcessAlive } from '../process-alive.ts';
import { startEmbeddedPostgres } from './start-embedded-postgres.ts';

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;
const program = fileURLToPath(new URL('../testing/hold-postgres.ts', import.meta.url));

interface Held {
  readonly process: ChildProcess;
  readonly databaseUrl: string;
  readonly pid: number;
  readonly error?: string;
}

/** Starts a process of its own that holds a PostgreSQL. */
async function hold(dataDir: string, uid?: number): Promise<Held> {
  const child = spawn(
    process.execPath,
    ['--experimental-strip-types', '--conditions=@causeway/source', program, dataDir],
    { stdio: ['ignore', 'pipe', 'inherit'], cwd: '/', ...(uid ? { uid, gid: uid } : {}) },
  );
  let text = '';
  for await (const chunk of child.stdout) {
    text += chunk;
    if (text.includes('\n')) break;
  }
  return { process: child, ...JSON.parse(text || '{}') };
}

async function query(databaseUrl: string, text: string) {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function untilGone(pid: number): Promise<void> {
  for (const start = Date.now(); isProcessAlive(pid); ) {
    assert.ok(Date.now() - start < 60_000, `process ${pid} is still there after a minute`);
    await sleep(20);
  }
}

async function kill(held: Held): Promise<void> {
  held.process.kill('SIGKILL');
  await untilGone(held.process.pid ?? 0);
}

describe('startEmbeddedPostgres()', () => {
  let folder: string;
  let dataDir: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'causeway-postgres-'));
    await openToAll(folder);
    dataDir = join(folder, 'made', 'once');
    const postgres = await startEmbeddedPostgres({ dataDir });
    await query(postgres.databaseUrl, 'create table kept as select 42 as answer');
    await postgres.stop();
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('keeps what was written, in UTF-8, safe from a power cut, and reachable only from here', async () => {
    const postgres = await startEmbeddedPostgres({ dataDir });

    const [settings] = await query(
      postgres.databaseUrl,
      `select answer, current_setting('fsync') as fsync, current_setting('server_encoding') as encoding,
        current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as sockets
       from kept`,
    );

    assert.deepEqual(settings, {
      answer: 42,
      fsync: 'on',
      encoding: 'UTF8',
      addresses: '127.0.0.1',
      sockets: '',
    });
    await postgres.stop();
    assert.equal(isProcessAlive(postgres.pid), false);
    await postgres.stop();
  });

  it('keeps the password from other users, and lets nobody in without it', async () => {
    const postgres = await startEmbeddedPostgres({ dataDir });

    const password = new URL(postgres.databaseUrl).password;
    const { mode } = await stat(join(dataDir, 'cluster', 'password'));

    assert.equal(mode & 0o077, 0);
    assert.ok(password.length >= 32);
    const wrong = postgres.databaseUrl.replace(password, 'guess');
    await assert.rejects(query(wrong, 'select 1'), /password authentication failed/);
    await postgres.stop();
  });

  it('refuses a folder in use by another process, and names the process', async () => {
    const held = await hold(dataDir);

    await assert.rejects(startEmbeddedPostgres({ dataDir }), (error) => {
      assert.ok(CausewayError.is(error, 'data_dir_in_use'));
      assert.equal(error.details.pid, held.process.pid);
      return true;
    });

    await kill(held);
  });

  it('ends with its process, also by kill -9, and loses nothing that was committed', async () => {
    const held = await hold(dataDir);
    await query(held.databaseUrl, 'create table late as select 43 as answer');

    await kill(held);

    const postgres = await startEmbeddedPostgres({ dataDir });
    assert.equal(isProcessAlive(held.pid), false);
    assert.deepEqual(await query(postgres.databaseUrl, 'select answer from late'), [
      { answer: 43 },
    ]);
    await postgres.stop();
  });

  it('ends after its process by itself, without another start', async () => {
    const held = await hold(dataDir);

    await kill(held);

    await untilGone(held.pid);
  });

  it('recovers a folder whose PostgreSQL was killed', async () => {
    const held = await hold(dataDir);
    process.kill(held.pid, 'SIGKILL');
    await kill(held);

    const postgres = await startEmbeddedPostgres({ dataDir });

    assert.deepEqual(await query(postgres.databaseUrl, 'select answer from kept'), [
      { answer: 42 },
    ]);
    await postgres.stop();
  });

  it('is not stopped by a process that got the number of one that crashed', async () => {
    const stranger = spawn('sleep', ['60']);
    const file = join(dataDir, 'cluster', 'data', 'postmaster.pid');
    await writeFile(file, `${stranger.pid}\n${dataDir}\n1\n1\n\n127.0.0.1\n1 1\nready\n`);
    if (isRoot) {
      const { uid, gid } = await stat(join(dataDir, 'cluster', 'data'));
      await chown(file, uid, gid);
    }

    const postgres = await startEmbeddedPostgres({ dataDir });

    await postgres.stop();
    stranger.kill();
  });

  it('lets one of two win that make the same folder at the same moment', async () => {
    const contested = join(folder, 'contested');

    const started = await Promise.allSettled([
      startEmbeddedPostgres({ dataDir: contested, durable: false }),
      startEmbeddedPostgres({ dataDir: contested, durable: false }),
    ]);

    const won = started.filter((each) => each.status === 'fulfilled');
    assert.equal(won.length, 1);
    const lost = started.find((each) => each.status === 'rejected');
    assert.ok(CausewayError.is(lost?.reason, 'data_dir_in_use'));
    await query(won[0]?.value.databaseUrl ?? '', 'select 1');
    await won[0]?.value.stop();
  });

  it('leaves nothing half-made when its first start is interrupted, by signal or by kill', async () => {
    const interrupted = join(folder, 'interrupted');
    const ended = spawnSync('true').pid;
    await mkdir(join(interrupted, `initdb-${ended}-abc`, 'data'), { recursive: true });
    const signal = AbortSignal.timeout(150);

    await assert.rejects(startEmbeddedPostgres({ dataDir: interrupted, signal }), /abort|timeout/i);

    const left = (await readdir(interrupted)).filter((name) => name.startsWith('initdb'));
    assert.deepEqual(left, []);
    const postgres = await startEmbeddedPostgres({ dataDir: interrupted, durable: false });
    await query(postgres.databaseUrl, 'select 1');
    await postgres.stop();
  });

  it('refuses files of another major version, and says what to do', async () => {
    const old = join(folder, 'old');
    await mkdir(join(old, 'cluster', 'data'), { recursive: true });
    await writeFile(join(old, 'cluster', 'data', 'PG_VERSION'), '12\n');

    await assert.rejects(startEmbeddedPostgres({ dataDir: old }), (error) => {
      assert.ok(CausewayError.is(error, 'postgres_not_startable'));
      assert.match(error.message, /written by PostgreSQL 12/);
      assert.match(error.hint, /DATABASE_URL/);
      return true;
    });
  });

  it('says so when the folder cannot be made', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');

    const start = startEmbeddedPostgres({ dataDir: join(file, 'below') });

    await assert.rejects(start, (error) => CausewayError.is(error, 'postgres_not_startable'));
  });

  it('says what PostgreSQL said when it does not start', async () => {
    const broken = join(folder, 'broken');
    spawnSync('cp', ['-a', dataDir, broken]);
    const control = join(broken, 'cluster', 'data', 'global', 'pg_control');
    await writeFile(control, (await readFile(control)).fill(0, 0, 64));

    await assert.rejects(startEmbeddedPostgres({ dataDir: broken, durable: false }), (error) => {
      assert.ok(CausewayError.is(error, 'postgres_not_startable'));
      assert.match(error.message, /it ended with 1 and said ".+" \(see ".*postgres\.log"\)/);
      return true;
    });
  });

  const notRoot = isRoot ? false : 'only root can become another user';

  it('works as an ordinary user when we are root', {
    skip: notRoot || repoClosedTo(),
  }, async () => {
    const theirs = join(folder, 'theirs');
    await mkdir(theirs);
    await chown(theirs, nobody, nobody);

    const held = await hold(join(theirs, 'data'), nobody);

    assert.equal(held.error, undefined);
    await query(held.databaseUrl, 'select 1');
    await kill(held);
    await untilGone(held.pid);
    // Root works on with it as that user.
    const postgres = await startEmbeddedPostgres({ dataDir: join(theirs, 'data') });
    await postgres.stop();
    const { uid } = await stat(join(theirs, 'data', 'cluster', 'data', 'PG_VERSION'));
    assert.equal(uid, nobody);
  });

  it('tells an ordinary user that the files are those of another', {
    skip: notRoot || repoClosedTo(),
  }, async () => {
    const foreign = join(folder, 'foreign');
    await mkdir(join(foreign, 'cluster'), { recursive: true });
    await chown(foreign, nobody, nobody);
    await chown(join(foreign, 'cluster'), 1, 1);

    const held = await hold(foreign, nobody);

    assert.match(held.error ?? '', /belongs to user id 1, and this process runs as 65534/);
  });

  const noNamespaces = canUnshare() ? false : 'user namespaces are not permitted here';

  it('works as root in a folder that only root may enter', {
    skip: notRoot || noNamespaces,
  }, async () => {
    const closed = join(folder, 'closed');
    await mkdir(closed, { mode: 0o700 });

    const held = await hold(join(closed, 'data'));

    await query(held.databaseUrl, 'create table kept as select 44 as answer');
    await kill(held);
    await untilGone(held.pid);
    const { uid } = await stat(join(closed, 'data', 'cluster', 'data'));
    assert.equal(uid, 0);
    // Opened later, the files go to the unprivileged user.
    await openToAll(closed);
    const postgres = await startEmbeddedPostgres({ dataDir: join(closed, 'data') });
    assert.deepEqual(await query(postgres.databaseUrl, 'select answer from kept'), [
      { answer: 44 },
    ]);
    await postgres.stop();
  });
});

function openToAll(path: string): Promise<void> {
  return chmod(path, 0o755);
}

function canUnshare(): boolean {
  return spawnSync('unshare', ['--user', 'true']).status === 0;
}

/** Says so when an ordinary user could not read our own code. */
function repoClosedTo(): string | false {
  if (!isRoot) return false;
  accessSync(program, constants.R_OK);
  const read = spawnSync(process.execPath, ['--check', program], { uid: nobody, cwd: '/' });
  return read.status === 0 ? false : 'an ordinary user may not read this folder';
}
