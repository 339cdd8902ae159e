import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { CausewayError, CsvForm, PostgresSource } from '@causeway/contract';
import type { OpenSource } from '@causeway/delivery';
import {
  createDuckDbEngine,
  type DuckDbEngine,
  type EngineSource,
  parquetFile,
} from '@causeway/engine';
import { startSandbox } from '@causeway/sandbox';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@causeway/store';
import pg from 'pg';
import { createClosers } from '../../closers.ts';
import { postgresSources } from './postgres-sources.ts';

const password = 'p@ss:w/rd #?%"';

/** Against a real PostgreSQL, what arrives is compared with what it says itself of the same rows. */
describe('postgresSources()', () => {
  const closers = createClosers();
  let folder: string;
  let postgres: EmbeddedPostgres;
  let engine: DuckDbEngine;
  let admin: pg.Client;
  let url: string;
  const sources = postgresSources({ read: async () => null });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'causeway-postgres-'));
    closers.add(() => rm(folder, { recursive: true }));
    postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), durable: false });
    closers.add(() => postgres.stop());
    engine = createDuckDbEngine({
      tempDir: join(folder, 'work'),
      memoryLimitMb: 300,
      threads: 2,
      keepsProcesses: true,
    });
    closers.add(() => engine.close());
    admin = new pg.Client(postgres.databaseUrl);
    await admin.connect();
    closers.add(() => admin.end());
    await admin.query(`CREATE ROLE reader LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
    await admin.query('GRANT pg_read_all_data TO reader');
    const server = new URL(postgres.databaseUrl);
    url = `postgres://reader:${encodeURIComponent(password)}@${server.host}/postgres`;
  });
  after(() => closers.close());

  const sourceOf = (change: object) => PostgresSource.parse({ type: 'postgres', url, ...change });
  const opened = async <T>(change: object, work: (open: OpenSource) => Promise<T>): Promise<T> => {
    const open = await sources.open({ source: sourceOf(change), schema: [] }, undefined);
    try {
      return await work(open);
    } finally {
      await open.close();
    }
  };
  const unload = async (
    source: EngineSource,
    format: 'jsonl' | 'csv',
    more: Partial<Parameters<DuckDbEngine['unload']>[0]> = {},
  ) => {
    let read = '';
    await engine.unload(
      { source, format, compression: 'none', split: { type: 'all' }, ...more },
      async (_index, stream) => {
        read = await text(stream);
      },
    );
    return read;
  };
  const rowsOf = (lines: string): Record<string, unknown>[] =>
    lines
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  const failing = (work: Promise<unknown>, problem: string, pattern: RegExp) =>
    assert.rejects(work, (error: unknown) => {
      assert.ok(CausewayError.is(error, 'postgres_not_readable'), String(error));
      assert.equal(error.details.problem, problem, error.message);
      assert.match(error.message, pattern);
      assert.ok(!`${error.message} ${error.hint}`.includes('w/rd'), 'no password is told');
      return true;
    });

  describe('of a table with every type', () => {
    const types = [
      ['flag', 'boolean', 'BOOLEAN', 'true'],
      ['small', 'smallint', 'SMALLINT', '-32768'],
      ['whole', 'integer', 'INTEGER', '2147483647'],
      ['big', 'bigint', 'BIGINT', '9223372036854775807'],
      ['price', 'numeric(10,2)', 'DECIMAL(10,2)', '-12345678.9'],
      ['tens', 'numeric(3,-1)', 'DECIMAL(4,0)', '9990.0'],
      ['thousandths', 'numeric(2,4)', 'DECIMAL(4,4)', '0.0012'],
      [
        'exact',
        'numeric',
        'VARCHAR',
        '"3.141592653589793238462643383279502884197169399375105820974944"',
      ],
      ['real', 'real', 'FLOAT', '0.10000000149011612'],
      ['double', 'double precision', 'DOUBLE', '1.7976931348623157e308'],
      ['day', 'date', 'DATE', '"0001-01-01"'],
      ['at', 'timestamp', 'TIMESTAMP', '"2026-02-28 23:59:59.999999"'],
      ['instant', 'timestamptz', 'TIMESTAMP WITH TIME ZONE', '"2026-01-31 11:00:00.000001+00"'],
      ['clock', 'time', 'TIME', '"23:59:59.999999"'],
      ['key', 'uuid', 'UUID', '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"'],
      ['doc', 'jsonb', 'JSON', '{"a":[1,null,"\\"x\\""]}'],
      ['raw_doc', 'json', 'JSON', '{"b":1.5}'],
      ['tags', 'text[]', 'JSON', '["a,b","{c}",null,"\\""]'],
      ['grid', 'int[]', 'JSON', '[[1,2],[3,4]]'],
      ['bytes', 'bytea', 'BLOB', '"\\\\x00\\\\xFF\\\\x5Cab"'],
      ['cost', 'money', 'VARCHAR', '"-1234.50"'],
      ['span', 'interval', 'VARCHAR', '"P1Y2M3DT4H5M6.7S"'],
      ['host', 'inet', 'VARCHAR', '"10.0.0.1/8"'],
      ['hours', 'int4range', 'VARCHAR', '"[1,5)"'],
      ['mood', 'test_mood', 'VARCHAR', '"it\'s \\"ok\\""'],
      ['part', 'test_pair', 'JSON', '{"x":1,"y":"a\\nb"}'],
      ['code', 'test_code', 'DECIMAL(5,0)', '12345.0'],
      ['We"ird, Näme', 'varchar(20)', 'VARCHAR', '"tab\\there"'],
    ] as const;
    const values = [
      `true, -32768, 2147483647, 9223372036854775807, -12345678.90, 9990, 0.0012,
       3.141592653589793238462643383279502884197169399375105820974944, 0.1, 1.7976931348623157e308,
       '0001-01-01', '2026-02-28 23:59:59.999999', '2026-01-31 12:00:00.000001+01', '23:59:59.999999',
       'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a":[1,null,"\\"x\\""]}', '{"b" :1.50}',
       ARRAY['a,b','{c}',NULL,'"'], ARRAY[[1,2],[3,4]], '\\x00ff5c6162', '-1234.5',
       '1 year 2 mons 3 days 04:05:06.7', '10.0.0.1/8', '[1,4]', 'it''s "ok"', ROW(1,E'a\\nb'),
       12345, E'tab\\there'`,
      types.map(() => 'NULL').join(', '),
    ];
    before(async () => {
      await admin.query(`CREATE TYPE test_mood AS ENUM ('it''s "ok"');
        CREATE TYPE test_pair AS (x int, y text);
        CREATE DOMAIN test_code AS numeric(5) CHECK (VALUE > 0)`);
      const columns = types.map(([name, type]) => `${pg.escapeIdentifier(name)} ${type}`);
      await admin.query(`CREATE TABLE every_type (id int PRIMARY KEY, ${columns.join(', ')})`);
      for (const [i, row] of values.entries()) {
        await admin.query(`INSERT INTO every_type VALUES (${i}, ${row})`);
      }
    });

    it('has the columns, the types and the primary key of the catalogue', async () => {
      await opened({ table: 'public.every_type' }, async (open) => {
        const schema = await engine.describe(open.source);
        assert.deepEqual(
          schema.map(({ name, type, nullable }) => [name, type, nullable]),
          [['id', 'INTEGER', false], ...types.map(([name, _, type]) => [name, type, true])],
        );
        assert.deepEqual(open.primaryKey, ['id']);
      });
    });

    it('carries each value unchanged, and NULL apart from all', async () => {
      await opened({ table: 'every_type' }, async ({ source }) => {
        const lines = (await unload(source, 'jsonl')).split('\n').filter(Boolean).toSorted();
        const [full = '', empty = ''] = lines;
        for (const [name, , , expected] of types) {
          const member = `${JSON.stringify(name)}:${expected}`;
          assert.ok(full.includes(member), `${member} in ${full}`);
        }
        assert.deepEqual(Object.values(JSON.parse(empty)), [1, ...types.map(() => null)]);
      });
    });
  });

  describe('that writes CSV itself', () => {
    const forms = [
      {},
      { delimiter: '\t', nullText: '\\N', header: false, formulaGuard: 'escape' },
    ] as const;
    /** Rows in any order, by the engine and without it; what `open` gives is not read twice. */
    const bothWays = async (source: EngineSource, more: Parameters<typeof unload>[2]) => {
      const [input] = source.inputs;
      assert.ok(input?.data.type === 'stream' && input.data.writeCsv);
      const { writeCsv, ...data } = input.data;
      const open = () => assert.fail('the engine has read it');
      const byEngine = { inputs: [{ ...input, data }] };
      const byServer = { inputs: [{ ...input, data: { ...data, open, writeCsv } }] };
      return [await unload(byEngine, 'csv', more), await unload(byServer, 'csv', more)] as const;
    };

    it('has the very bytes that the engine writes, of every type that it writes itself', async () => {
      await admin.query(`CREATE TABLE both_ways AS SELECT *, words AS "#1", NULL::int AS nothing FROM (
        SELECT e.*, '{"#": -1}'::json AS hashes, '-1'::json AS negative, 'ab'::char(4) AS padded, '10.0.0.1'::inet AS address
        FROM every_type e) AS e, (VALUES (''), ('a#b'), ('#'), ('#"#,'), (E'a\r\n#b'), ('"'), (' x '), ('NaN'), ('NULL'),
        ('\\N'), ('\\.'), ('=1+1'), (E'\tx'), ('@#'), ('-5'), (';'), ('Ünï😀'), (NULL)) AS t (words)`);
      await admin.query(`INSERT INTO both_ways (price, day, at, instant, clock, double) VALUES
        (0.5, 'infinity', '-infinity', '12026-01-01 00:00:00.12Z', '24:00:00', 1), (-0.05, '12026-01-01', '2026-01-01', 'infinity', '00:00:00.1', 'NaN')`);
      await opened({ table: 'both_ways' }, async ({ source }) => {
        const all = (source.inputs[0]?.columns ?? []).map(({ name }) => name);
        const notSame = ['thousandths', 'real', 'double', 'bytes'];
        const columns = all.filter((name) => !notSame.includes(name));
        for (const csv of forms) {
          const form = { csv: CsvForm.parse(csv), columns };
          const [byEngine, byServer] = await bothWays(source, form);
          assert.deepEqual(byServer.split('\n').toSorted(), byEngine.split('\n').toSorted());
        }
        const [input] = source.inputs;
        assert.ok(input?.data.type === 'stream');
        const { writeCsv } = input.data;
        const isWritten = (names: readonly string[], csv: object) =>
          writeCsv?.({ columns: names, window: null, csv: CsvForm.parse(csv), chunks: 'owned' }) !==
          null;
        assert.ok(isWritten(['id', 'price'], {}));
        for (const name of notSame) assert.ok(!isWritten(['id', name], {}), name);
        for (const csv of [{ lineEnd: 'crlf' }, { nullText: 'NaN' }, { nullText: '#N/A' }]) {
          assert.ok(!isWritten(['id', 'price'], csv));
        }
        assert.ok(!isWritten(['words'], {}), 'PostgreSQL quotes some texts in a lone column');
      });
    });

    it('lends its memory to a slow reader, and takes none back too early', async () => {
      const query = `SELECT id, CASE WHEN id % 9000 = 0 THEN repeat('é#', 200000) ELSE md5(id::text) || '#' END AS words
        FROM generate_series(1, 50000) AS id`;
      const read = createHash('sha256');
      const lent = opened({ query }, ({ source }) =>
        engine.unload(
          { source, format: 'csv', compression: 'none', split: { type: 'all' }, chunks: 'reused' },
          async (_index, stream) => {
            for await (const chunk of stream) {
              for (let turn = 0; turn < 10; turn++) await nextTurn();
              read.update(chunk);
            }
          },
        ),
      );
      const [kept] = await Promise.all([
        opened({ query }, ({ source }) => unload(source, 'csv')),
        lent,
      ]);

      assert.equal(read.digest('hex'), createHash('sha256').update(kept).digest('hex'));
      assert.equal(kept.match(/"/g)?.length, 100_000);
    });

    it('refuses a value that the engine could not hold', async () => {
      const query = "SELECT 1 AS id, 'NaN' AS words, 'NaN'::numeric(5,2) AS price";
      await failing(
        opened({ query }, ({ source }) => unload(source, 'csv')),
        'value_not_carried',
        /column "price" has a NaN, which no DECIMAL\(5,2\) can be/,
      );
    });
  });

  it('carries 200,000 rows of ugly text into Parquet and CSV as the server has them', async () => {
    await admin.query(`CREATE TABLE ugly AS SELECT id::int, CASE id % 11
        WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN '\\N' WHEN 3 THEN 'NULL' WHEN 4 THEN E'a\\r\\nb\\rc\\n'
        WHEN 5 THEN '"' || id || '","' WHEN 6 THEN ' lead and trail ' WHEN 7 THEN E'\\\\.' WHEN 8 THEN '=1+1'
        WHEN 9 THEN 'Ünï😀' || id ELSE repeat('x', (id % 300)::int) END AS words,
      (id * 1.25)::numeric(12,2) AS amount, timestamptz '2026-01-01Z' + id * interval '0.000123 s' AS at
      FROM generate_series(1, 200000) AS id`);
    const { rows } = await admin.query(`SELECT
      md5(string_agg(id || ':' || coalesce(words, '<null>') || ':' || amount, '|' ORDER BY id)) AS digest FROM ugly`);
    const expected = rows[0].digest;
    // By a query of DuckDB's over what was written: nothing of ours reads it back.
    const digest = (from: string) => ({
      query: `SELECT md5(string_agg(id || ':' || coalesce(words, '<null>') || ':' || amount, '|' ORDER BY id)) AS digest FROM ${from}`,
    });
    const path = (name: string) => join(folder, name);
    await opened({ table: 'public.ugly' }, async ({ source }) => {
      const write = (name: string, format: 'parquet' | 'csv') =>
        engine.unload(
          {
            source,
            format,
            compression: format === 'csv' ? 'none' : 'zstd',
            csv: {
              nullText: '\\N',
              delimiter: ',',
              header: true,
              lineEnd: 'lf',
              formulaGuard: 'off',
            },
            split: { type: 'all' },
          },
          (_index, stream: Readable) => pipeline(stream, createWriteStream(path(name))),
        );
      const parquet = await write('ugly.parquet', 'parquet');
      assert.equal(parquet.outputs[0]?.rows, 200_000);
      assert.equal((await write('ugly.csv', 'csv')).outputs[0]?.rows, 200_000);
    });
    const fromParquet = { inputs: parquetFile(path('ugly.parquet')).inputs, ...digest('source') };
    const fromCsv = {
      inputs: [
        {
          name: 'source',
          data: { type: 'files', files: [{ path: path('ugly.csv') }] },
          format: 'csv',
          columns: [
            { name: 'id', type: 'INTEGER' },
            { name: 'words', type: 'VARCHAR' },
            { name: 'amount', type: 'DECIMAL(12,2)' },
            { name: 'at', type: 'TIMESTAMP WITH TIME ZONE' },
          ],
          csv: { nullText: '\\N', quotedNull: false, header: true },
        },
      ],
      ...digest('source'),
    } as const;
    for (const source of [fromParquet, fromCsv]) {
      assert.deepEqual(rowsOf(await unload(source, 'jsonl')), [{ digest: expected }]);
    }
  });

  it('reads one moment, however often, while others write', async () => {
    await admin.query('CREATE TABLE moving AS SELECT id FROM generate_series(1, 1000) AS id');
    await opened({ query: 'SELECT id FROM moving; ' }, async ({ source }) => {
      await admin.query('UPDATE moving SET id = id + 1000');
      const first = await unload(source, 'csv');
      await admin.query('DELETE FROM moving');
      const second = await unload(source, 'csv');

      assert.equal(first, second);
      assert.equal(first.split('\n').filter(Boolean).length, 1001);
      assert.ok(first.includes('\n1000\n') && !first.includes('\n1001\n'));
    });
  });

  it('asks the server for a window, its columns and nothing else', async () => {
    await admin.query(`CREATE TABLE changes AS SELECT id, 'x' AS unneeded,
      timestamptz '2026-01-01 00:00:00Z' + id * interval '1 microsecond' AS changed_at,
      timestamp '2026-01-01' + id * interval '1 microsecond' AS changed, date '2026-01-01' + id AS day
      FROM generate_series(0, 9) AS id`);
    const windows = [
      ['changed_at', '2026-01-01T00:00:00.000003Z', '2026-01-01T00:00:00.000006Z', ['3', '4', '5']],
      ['changed', null, '2026-01-01T00:00:00.000002Z', ['0', '1']],
      ['day', '2026-01-02T00:00:00Z', '2026-01-04T00:00:00Z', ['1', '2']],
      ['day', '2026-01-02T00:00:00.000001Z', '2026-01-04T00:00:00Z', ['2']],
    ] as const;
    await opened({ table: 'changes' }, async ({ narrowed }) => {
      for (const [cursorColumn, from, to, ids] of windows) {
        const window = { cursorColumn, from, to };
        const columns = ['id', cursorColumn];
        const source = narrowed?.({ columns, window });
        assert.ok(source);
        const [input] = source.inputs;
        assert.ok(input?.data.type === 'stream');
        const sent = await text(await input.data.open(AbortSignal.timeout(5000)));
        assert.deepEqual(
          sent
            .split('\n')
            .filter(Boolean)
            .map((line) => line.split(',')[0]),
          ids,
        );
        assert.ok(!sent.includes('x'));
        const lines = await unload(source, 'jsonl', { window, columns: ['id'] });
        assert.deepEqual(
          rowsOf(lines).map(({ id }) => String(id)),
          ids,
        );
        // Nothing but the header and these rows, which the server writes itself.
        const written = await unload(source, 'csv', { window, columns });
        const [, ...rows] = written.split('\n').filter(Boolean);
        assert.deepEqual(
          rows.map((line) => line.split(',')[0]),
          ids,
        );
      }
    });
  });

  it('leaves with the server what nobody has read yet', async () => {
    const query = "SELECT repeat('x', 1000) AS x FROM generate_series(1, 1000000)";
    await opened({ query }, async ({ source }) => {
      const [input] = source.inputs;
      assert.ok(input?.data.type === 'stream');
      const stream = await input.data.open(AbortSignal.timeout(60_000));
      stream.once('readable', () => {});
      const waiting = async () => {
        const { rows } = await admin.query(
          "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'COPY%' AND wait_event = 'ClientWrite'",
        );
        return rows.length === 1;
      };
      for (let i = 0; i < 1200 && !(await waiting()); i++) await delay(25);

      assert.ok(await waiting(), 'the server waits for its reader');
      assert.ok(stream.readableLength < 1024 * 1024, `${stream.readableLength} bytes are here`);
      stream.destroy();
    });
  });

  it('fails a query whose connection the server ends in the middle', async () => {
    const query = "SELECT id, repeat('x', 1000) AS x FROM generate_series(1, 10000000) AS id";
    const work = opened({ query }, ({ source }) =>
      engine.unload(
        { source, format: 'csv', compression: 'none', split: { type: 'all' } },
        async (_index, stream) => {
          let killed = false;
          for await (const _chunk of stream) {
            if (killed) continue;
            killed = true;
            await admin.query(
              "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%'",
            );
          }
        },
      ),
    );

    await failing(work, 'connection_lost', /terminating connection|broke off/);
  });

  it('says what keeps a source from being read', async () => {
    await admin.query(`CREATE SCHEMA closed; CREATE TABLE closed.secrets (id int);
      CREATE TABLE ancient AS SELECT date '0044-03-15 BC' AS died;
      CREATE TABLE twice AS SELECT 1 AS a, 2 AS "A";
      REVOKE pg_read_all_data FROM reader; GRANT USAGE ON SCHEMA closed TO reader;
      GRANT SELECT ON ancient, twice, every_type TO reader`);
    const nobody = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => void nobody.listen(0, '127.0.0.1', resolve));
    const at = (port: number) => url.replace(/:\d+\/postgres$/, `:${port}/postgres`);
    const { port } = nobody.address() as AddressInfo;
    const open = (change: object) => opened(change, ({ source }) => unload(source, 'csv'));

    await failing(
      open({ table: 't', url: url.replace(/reader:[^@]*@/, 'reader:canary-w%2Frd@') }),
      'login_refused',
      /password authentication failed for user "reader"/,
    );
    await failing(
      open({ table: 't', url: url.replace(/:[^:@]*@/, '@') }),
      'password_missing',
      /asks for a password/,
    );
    await failing(
      open({ table: 't', url: `${url}s` }),
      'database_missing',
      /database "postgress" does not exist/,
    );
    await failing(open({ table: 't', tls: 'require' }), 'tls_refused', /does not offer TLS/);
    await failing(open({ table: 't', url: at(port) }), 'connection_lost', /broke off/);
    nobody.close();
    await failing(open({ table: 't', url: at(port) }), 'unreachable', /ECONNREFUSED/);
    await failing(
      open({ table: 'public.evry_type' }),
      'table_missing',
      /near to it are "public.every_type"/,
    );
    await failing(
      open({ table: 'closed.secrets' }),
      'permission_denied',
      /permission denied for table secrets/,
    );
    await failing(
      open({ query: 'SELECT pg_sleep(5) IS NULL AS x', statementTimeoutSeconds: 1 }),
      'timed_out',
      /statement timeout/,
    );
    await failing(
      open({ table: 'ancient' }),
      'value_not_carried',
      /"0044-03-15 BC", before year 1/,
    );
    await failing(open({ table: 'twice' }), 'column_not_carried', /two columns "A"/);
    await failing(
      open({ query: 'SELECT pg_sleep(0)' }),
      'column_not_carried',
      /"pg_sleep" is of type "void"/,
    );
  });

  it('trusts a server by its certificate, or says why not', async () => {
    const sandbox = await startSandbox({ port: 0, tlsPort: 0, dataDir: join(folder, 'sandbox') });
    const { port, authorityFile } = sandbox.tls ?? assert.fail('it has TLS');
    // Says as PostgreSQL does that TLS may begin; what is behind it speaks another protocol.
    const front = createServer((socket) => {
      socket.once('data', () => {
        const behind = connect(port, '127.0.0.1');
        socket.write('S');
        socket.pipe(behind).pipe(socket);
        socket.on('error', () => behind.destroy());
        behind.on('error', () => socket.destroy());
      });
    });
    await new Promise<void>((resolve) => void front.listen(0, '127.0.0.1', resolve));
    const { port: frontPort } = front.address() as AddressInfo;
    const trusted = (change: object) =>
      opened(
        { table: 't', url: url.replace(/:\d+\/postgres$/, `:${frontPort}/postgres`), ...change },
        async () => {},
      );
    const caCertificate = await readFile(authorityFile, 'utf8');

    await failing(
      trusted({ tls: 'verify-full' }),
      'certificate_not_trusted',
      /unable to verify|self.signed|unable to get/i,
    );
    const answered = (error: unknown) =>
      CausewayError.is(error, 'postgres_not_readable') &&
      error.details.problem !== 'certificate_not_trusted';
    await assert.rejects(trusted({ tls: 'verify-full', caCertificate }), answered);
    await assert.rejects(trusted({ tls: 'require' }), answered);
    front.close();
    await sandbox.close();
  });

  const refused = [
    ['SELECT 1 AS a; DROP TABLE every_type', /cannot insert multiple commands/],
    ['SELECT 1 AS a) AS b; COMMIT; --', /syntax error/],
    ["SELECT 1 AS a) TO PROGRAM 'touch /tmp/x' --", /syntax error/],
    ['DELETE FROM every_type RETURNING id', /syntax error/],
    [
      'WITH gone AS (DELETE FROM every_type RETURNING id) SELECT id FROM gone',
      /data-modifying|read-only/,
    ],
    ['SELECT $1::int AS a', /parameters such as \$1/],
    ['SET TRANSACTION READ WRITE', /gives no rows/],
    ["SELECT set_config('transaction_read_only', 'off', true) AS a", /transaction read-write mode/],
    ["SELECT nextval('test_numbers') AS a", /read-only transaction/],
  ] as const;
  it('takes one statement that reads, whatever its text tries', async () => {
    await admin.query(
      'CREATE SEQUENCE test_numbers; GRANT USAGE ON SEQUENCE test_numbers TO reader',
    );
    for (const [query, reason] of refused) {
      const work = opened({ query }, ({ source }) => unload(source, 'csv'));
      await failing(work, 'query_not_usable', reason);
    }
  });

  it('keeps the full name of a table, and no connection', async () => {
    const settled = await sources.settle(sourceOf({ table: 'every_type' }), undefined);
    assert.equal(settled.table, 'public.every_type');

    for (let i = 0; i < 600; i++) {
      const { rows } = await admin.query(
        "SELECT query FROM pg_stat_activity WHERE application_name = 'causeway'",
      );
      if (rows.length === 0) return;
      await delay(50);
    }
    assert.fail('connections are left open');
  });
});
