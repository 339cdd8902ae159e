import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a PostgreSQL that can be cut at a commit. */
export interface PostgresCut {
  /** The same database by this way. */
  readonly databaseUrl: string;
  /**
   * Cuts the connection that sends commit number `nth` from now on: before it is sent on,
   * so that PostgreSQL rolls back; or after it was carried out, so that nobody hears of it.
   */
  cutAt(nth: number, when: 'before' | 'after'): void;
  /** Commits that came since the last cut was asked for. */
  commits(): number;
  wasCut(): boolean;
  close(): Promise<void>;
}

/** Only those of the pool that runs write by; the queue has connections of its own. */
const poolName = 'application_name\0causeway\0';

export async function openPostgresCut(databaseUrl: string): Promise<PostgresCut> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let commits = 0;
  let cut: { readonly nth: number; readonly when: 'before' | 'after' } | null = null;
  let wasCut = false;
  const server = createServer((client) => {
    const database = connect(Number(target.port), target.hostname);
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => sockets.delete(socket));
    }
    const end = () => {
      client.destroy();
      database.destroy();
    };
    client.once('close', end);
    database.once('close', end);
    let isOurs: boolean | undefined;
    let isCut = false;
    client.on('data', (bytes: Buffer) => {
      isOurs ??= bytes.includes(poolName);
      // `pg` writes a simple query in one piece: its type, its length, its text.
      const isCommit =
        isOurs && bytes[0] === 0x51 && bytes.toString('utf8', 5).startsWith('commit');
      if (isCommit && ++commits === cut?.nth) {
        isCut = true;
        wasCut = true;
        if (cut.when === 'before') return end();
      }
      database.write(bytes);
    });
    database.on('data', (bytes: Buffer) => {
      if (isCut) end();
      else client.write(bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const through = new URL(databaseUrl);
  through.port = String((server.address() as AddressInfo).port);
  through.hostname = '127.0.0.1';
  return {
    databaseUrl: through.href,
    cutAt(nth, when) {
      commits = 0;
      wasCut = false;
      cut = { nth, when };
    },
    commits: () => commits,
    wasCut: () => wasCut,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
