import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, afterEach, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { CausewayError, type ErrorCode, Source } from '@causeway/contract';
import { createDuckDbEngine, type DuckDbEngine } from '@causeway/engine';
import { endpointRules } from '@causeway/objectstore';
import { type Sandbox, startSandbox } from '@causeway/sandbox';
import { accountClients, createOperator } from '@causeway/sandbox/clients';
import type { Sources } from './source-kind.ts';
import { openSources, type SourcesDeps } from './sources.ts';

const operatorAccount = '111111111111';

describe('fetchedSources()', () => {
  let root: string;
  let engine: DuckDbEngine;
  let http: Server;
  let origin: string;
  let sandbox: Sandbox;
  let s3: S3Client;
  let deps: SourcesDeps;
  let sources: Sources;
  let requests: IncomingMessage[] = [];
  let answer: (request: IncomingMessage, response: ServerResponse) => void = () => {};
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'causeway-fetched-'));
    engine = createDuckDbEngine({
      tempDir: join(root, 'work'),
      memoryLimitMb: 200,
      threads: 2,
      keepsProcesses: true,
    });
    http = createServer((request, response) => {
      requests.push(request);
      answer(request, response);
    });
    await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    sandbox = await startSandbox({ port: 0 });
    s3 = accountClients(sandbox.url, operatorAccount).s3;
    const credentials = await createOperator(sandbox.url);
    deps = {
      engine,
      datasets: { get: () => assert.fail('no dataset is read') },
      pushedRecords: { end: async () => null, async *read() {} },
      secrets: { read: async () => null },
      sourceDirs: [],
      endpoints: endpointRules([origin]),
      bucketAccess: () => ({
        credentials: async () => credentials,
        accountId: operatorAccount,
        region: 'us-east-1',
        endpoint: sandbox.url,
      }),
      limitBytes: 1024 * 1024,
      retryDelayMs: 1,
    };
    sources = openSources(deps);
  });
  afterEach(async () => {
    requests = [];
    const left = (await readdir(join(root, 'work')).catch(() => [])).filter(
      (name) => name !== 'compile-cache',
    );
    assert.deepEqual(left, [], 'nothing that was fetched is left');
  });
  after(async () => {
    await engine.close();
    http.closeAllConnections();
    http.close();
    await sandbox.close();
    await rm(root, { recursive: true });
  });

  const rowsOf = async (source: object, from = sources) => {
    const opened = await from.open({ source: Source.parse(source), schema: [] });
    try {
      let lines = '';
      await engine.unload(
        { source: opened.source, format: 'jsonl', compression: 'none', split: { type: 'all' } },
        async (_index, stream) => {
          lines = await text(stream);
        },
      );
      return lines
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line))
        .toSorted((a, b) => a.id - b.id);
    } finally {
      await opened.close();
    }
  };
  const refused = (work: Promise<unknown>, code: ErrorCode, message: RegExp) =>
    assert.rejects(work, (error) => {
      assert.ok(CausewayError.is(error, code), String(error));
      assert.match(error.message, message);
      return true;
    });

  describe('on a web server', () => {
    const body = Buffer.from(Array.from({ length: 60_000 }, (_, i) => `{"id":${i}}\n`).join(''));
    const modified = 'Sun, 22 Nov 2026 08:00:00 GMT';
    /** As a careful server answers: validators, conditions and ranges of RFC 9110. */
    const serve = (
      content: Buffer,
      headers: Record<string, string>,
      breakAfter: readonly number[] = [],
    ) => {
      const breaks = [...breakAfter];
      return (request: IncomingMessage, response: ServerResponse) => {
        const { range, 'if-match': match, 'if-unmodified-since': since } = request.headers;
        if (match !== undefined && match !== headers['etag']) return response.writeHead(412).end();
        if (since !== undefined && since !== headers['last-modified'])
          return response.writeHead(412).end();
        const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
        const part = content.subarray(start);
        const partial =
          range === undefined
            ? {}
            : { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` };
        response.writeHead(range === undefined ? 200 : 206, {
          ...headers,
          ...partial,
          'content-length': part.length,
        });
        if (request.method === 'HEAD') return response.end();
        const stop = breaks.shift();
        if (stop === undefined) return response.end(part);
        return response.write(part.subarray(0, stop), () => response.socket?.end());
      };
    };
    const url = () => `${origin}/exports/numbers.jsonl?signature=secret`;

    it('is fetched, and its version is the time and the ETag that it has', async () => {
      answer = serve(body, { etag: '"a"', 'last-modified': modified });
      const source = { type: 'http', url: url() } as const;

      const version = await sources.version(source);
      assert.equal((await rowsOf({ ...source, format: 'jsonl' })).length, 60_000);

      assert.match(version ?? '', /^2026-11-22T08:00:00\.\d{6}Z$/);
      answer = serve(body, { etag: '"b"', 'last-modified': modified });
      assert.notEqual(await sources.version(source), version);
      answer = serve(body, { etag: '"b"' });
      assert.equal(await sources.version(source), null);
    });

    it('is settled by its name, without its query', async () => {
      answer = serve(Buffer.from('id;word\n1;a\n'), {});

      const settled = await sources.settle({ type: 'http', url: `${origin}/a.csv?b=c.json` });

      assert.ok(settled.type === 'http');
      assert.equal(settled.format, 'csv');
      assert.equal(settled.csv?.delimiter, ';');
    });

    it('is taken up where it broke off, of the same version only', async () => {
      for (const headers of [{ etag: '"a"' }, { 'last-modified': modified, etag: 'W/"weak"' }]) {
        requests = [];
        answer = serve(body, headers, [500_000, 200_000]);

        assert.equal((await rowsOf({ type: 'http', url: url(), format: 'jsonl' })).length, 60_000);

        const gets = requests.filter(({ method }) => method === 'GET');
        assert.equal(gets.length, 3);
        assert.ok(gets[2]?.headers.range !== undefined);
        assert.ok('if-match' in gets[2].headers || 'if-unmodified-since' in gets[2].headers);
      }
    });

    it('is fetched anew where nothing tells versions apart', async () => {
      answer = serve(body, {}, [500_000]);

      assert.equal((await rowsOf({ type: 'http', url: url(), format: 'jsonl' })).length, 60_000);

      assert.ok(requests.every(({ headers }) => headers.range === undefined));
    });

    it('is refused when it changes meanwhile', async () => {
      const first = serve(body, { etag: '"a"' }, [500_000]);
      const then = serve(body, { etag: '"b"' });
      answer = (request, response) =>
        (request.headers.range === undefined ? first : then)(request, response);

      await refused(
        rowsOf({ type: 'http', url: url(), format: 'jsonl' }),
        'source_not_readable',
        /numbers.jsonl": it changed while it was read/,
      );
    });

    it('is refused when a part is not the one that was asked for', async () => {
      const whole = serve(body, { etag: '"a"' }, [500_000]);
      answer = (request, response) => {
        if (request.headers.range === undefined) return whole(request, response);
        return response
          .writeHead(206, { etag: '"a"', 'content-range': 'bytes 5-9/10' })
          .end('12345');
      };

      await refused(
        rowsOf({ type: 'http', url: url(), format: 'jsonl' }),
        'source_not_readable',
        /another part/,
      );
    });

    it('is refused when it is too large, told or not', async () => {
      const large = Buffer.alloc(2 * 1024 * 1024, '{"id":1}\n');
      answer = serve(large, {});
      const source = { type: 'http', url: url(), format: 'jsonl' };
      await refused(rowsOf(source), 'source_not_readable', /larger than the 1 MB/);
      answer = (_request, response) => response.writeHead(200).end(large);

      await refused(rowsOf(source), 'source_not_readable', /larger than the 1 MB/);
    });

    it('is refused when the disk is full', async (context) => {
      if (process.platform !== 'linux') return context.skip('there is no /dev/full');
      answer = serve(Buffer.from('{"id":1}\n'), {});
      const makeFolder = async () => {
        const folder = await engine.makeFolder();
        await symlink('/dev/full', join(folder.path, 'file_0'));
        return folder;
      };
      const full = openSources({ ...deps, engine: { ...engine, makeFolder } });

      await refused(
        rowsOf({ type: 'http', url: url(), format: 'jsonl' }, full),
        'disk_full',
        /^Cannot set aside what is fetched of a source: the disk is full$/,
      );
    });

    it('is given up when the server does not recover, in words without its body or query', async () => {
      const source = { type: 'http', url: url(), format: 'jsonl' };
      for (const [status, expected] of [
        [403, /its server answered 403 Forbidden$/],
        [404, /its server answered 404 Not Found$/],
        [302, /302 Found, and redirects are not followed: name where it leads$/],
        [503, /its server answered 503 Service Unavailable$/],
      ] as const) {
        answer = (_request, response) =>
          response
            .writeHead(status, { location: 'http://169.254.169.254/' })
            .end('the secret body');

        await assert.rejects(rowsOf(source), (error) => {
          const message = error instanceof Error ? error.message : '';
          assert.match(message, expected);
          assert.doesNotMatch(message, /secret|169/);
          return true;
        });
      }
      answer = (_request, response) => response.destroy();
      await assert.rejects(rowsOf(source), /cannot be reached \(ECONNRESET\)/);
    });

    it('stops when it is aborted', async () => {
      const reason = new Error('enough');
      const abort = new AbortController();
      answer = (request, response) => {
        response.writeHead(200, { 'content-length': 100 }).write('x');
        if (request.method === 'GET') setImmediate(() => abort.abort(reason));
        else response.end();
      };

      await assert.rejects(
        sources.open(
          { source: Source.parse({ type: 'http', url: url() }), schema: [] },
          abort.signal,
        ),
      );
    });

    it('is asked of the internet alone, or of what is listed, and never of instance metadata', async () => {
      const unlisted = openSources({ ...deps, endpoints: endpointRules([]) });
      for (const address of [
        `${origin}/a.json`,
        'http://example.com/a.json',
        'https://127.0.0.1/a.json',
        'https://localhost/a.json',
        'https://[::1]/a.json',
        'https://[::ffff:7f00:1]/a.json',
        'https://2130706433/a.json',
        'https://0x7f.1/a.json',
        'https://0177.0.0.1/a.json',
        'https://10.0.0.1/a.json',
        'https://192.168.1.1/a.json',
        'https://169.254.169.254/latest/meta-data/',
        'https://[fd00:ec2::254]/latest/meta-data/',
        'http://169.254.169.254/latest/meta-data/',
      ]) {
        const source = Source.parse({ type: 'http', url: address });
        const code = 'endpoint_not_allowed';

        await refused(unlisted.version(source), code, /Cannot use endpoint/);
        await refused(unlisted.open({ source, schema: [] }), code, /Cannot use endpoint/);
      }
      assert.equal(requests.length, 0);
      for (const address of [
        'ftp://a/b',
        'https://user:pw@a/b',
        'https://a/b#c',
        'https://a b/',
        'https://a\\b/',
        'file:///etc/passwd',
      ]) {
        assert.equal(Source.safeParse({ type: 'http', url: address }).success, false, address);
      }
    });
  });

  describe('in a bucket', () => {
    const put = (Key: string, Body: string | Buffer, Bucket = 'operator-data') =>
      s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    before(async () => {
      await s3.send(new CreateBucketCommand({ Bucket: 'operator-data' }));
      await put('orders/a.jsonl', '{"id":1}\n');
      await put('orders/b.jsonl.gz', gzipSync('{"id":2}\n'));
      await put('orders/_SUCCESS', '');
      await put('orders/.hidden/c.jsonl', '{"id":9}\n');
      await put('orders/day=1/c.jsonl', '{"id":3}\n');
    });
    const at = (location: string, more: object = {}) => ({
      type: 'bucket',
      location: `s3://operator-data/${location}`,
      format: 'jsonl',
      ...more,
    });

    it('is one object, all that fit a pattern, or all under a prefix', async () => {
      assert.deepEqual(await rowsOf(at('orders/a.jsonl')), [{ id: 1 }]);
      assert.deepEqual(await rowsOf(at('orders/*.jsonl*')), [{ id: 1 }, { id: 2 }]);
      assert.deepEqual(await rowsOf(at('orders/day=?/*')), [{ id: 3 }]);
      assert.deepEqual(await rowsOf(at('orders/')), [{ id: 1 }, { id: 2 }, { id: 3 }]);
    });

    it('is another version when an object is changed, added or taken away', async () => {
      const source = Source.parse(at('versions/*.jsonl'));
      await put('versions/a.jsonl', '{"id":1}\n');
      await put('versions/b.jsonl', '{"id":2}\n');
      const versions = [await sources.version(source), await sources.version(source)];
      await put('versions/a.jsonl', '{"id":5}\n');
      versions.push(await sources.version(source));
      await s3.send(new DeleteObjectCommand({ Bucket: 'operator-data', Key: 'versions/b.jsonl' }));
      versions.push(await sources.version(source));

      assert.equal(versions[0], versions[1]);
      assert.equal(new Set(versions).size, 3);
    });

    it('is settled from its first object', async () => {
      await put('csv/1.csv', 'id|x\n1|2\n');

      const settled = await sources.settle(
        Source.parse({ type: 'bucket', location: 's3://operator-data/csv/*.csv' }),
      );

      assert.ok(settled.type === 'bucket');
      assert.equal(settled.csv?.delimiter, '|');
    });

    it('is taken up where it broke off', async () => {
      const lines = Array.from({ length: 50_000 }, (_, i) => `{"id":${i}}\n`).join('');
      await put('large.jsonl', lines);
      const fault = {
        operation: 'GetObject',
        keyIncludes: 'large.jsonl',
        times: 2,
        effect: { type: 'truncate_reply', afterBytes: 100_000 },
      };
      const injected = await fetch(`${sandbox.url}/_sandbox/faults`, {
        method: 'POST',
        body: JSON.stringify(fault),
      });
      assert.ok(injected.ok, await injected.text());

      const rows = await rowsOf(at('large.jsonl'));

      assert.equal(sha256(rows.map(({ id }) => `{"id":${id}}\n`).join('')), sha256(lines));
      await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
    });

    it('says in words of the operator what is wrong', async () => {
      const other = accountClients(sandbox.url, '222222222222').s3;
      await other.send(new CreateBucketCommand({ Bucket: 'customers-data' }));
      await s3.send(new CreateBucketCommand({ Bucket: 'gone-data' }));
      await s3.send(new DeleteBucketCommand({ Bucket: 'gone-data' }));
      for (const [source, expected] of [
        [at('none.jsonl'), /"s3:\/\/operator-data\/none.jsonl": it does not exist$/],
        [at('none/*'), /no object fits it$/],
        [
          at('orders/a.jsonl', { accountId: '222222222222' }),
          /may not read it, or its bucket belongs to another account$/,
        ],
        [
          { ...at(''), location: 's3://customers-data/a' },
          /may not read it, or its bucket belongs to another account$/,
        ],
        [{ ...at(''), location: 's3://gone-data/*' }, /its bucket does not exist$/],
      ] as const) {
        await refused(rowsOf(source), 'source_not_readable', expected);
      }
      const small = openSources({ ...deps, limitBytes: 10 });
      await refused(rowsOf(at('orders/*'), small), 'source_not_readable', /larger than/);
    });
  });
});

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
