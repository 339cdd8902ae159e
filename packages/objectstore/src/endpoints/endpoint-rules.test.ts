import assert from 'node:assert/strict';
import { createServer, get as httpGet } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { CausewayError } from '@causeway/contract';
import { addressKind } from './address-kind.ts';
import { endpointRules } from './endpoint-rules.ts';
import { guardedAgents, type LookupAll } from './guarded-agents.ts';
import refused from './refused-endpoints.json' with { type: 'json' };

const notAllowed = (error: unknown) => CausewayError.is(error, 'endpoint_not_allowed');
const listed = ['s3.example.com', '*.stores.example', 'minio.example.com:9000'];

describe('endpointRules()', () => {
  const rules = endpointRules(listed);

  it('takes what is listed, in one spelling', () => {
    const spellings = {
      'https://s3.example.com': 'https://s3.example.com',
      'HTTPS://S3.Example.COM:443/': 'https://s3.example.com',
      'https://a.b.stores.example': 'https://a.b.stores.example',
      'https://minio.example.com:9000': 'https://minio.example.com:9000',
    };
    for (const [given, expected] of Object.entries(spellings)) {
      assert.equal(rules.accept(given), expected);
    }
  });

  for (const [name = '', endpoint = ''] of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(() => rules.accept(endpoint), notAllowed);
      assert.throws(() => rules.agents(endpoint), notAllowed);
    });
  }

  it('would refuse each address among them at the connection too', () => {
    const addresses = refused.flatMap(([, endpoint = '']) => {
      const host = URL.parse(endpoint)?.hostname.replace(/^\[|\]$/g, '') ?? '';
      return isIP(host) === 0 ? [] : [host];
    });

    assert.ok(addresses.length >= 50);
    for (const address of addresses) assert.notEqual(addressKind(address), 'public', address);
  });

  it('takes no endpoint at all unless some are listed', () => {
    assert.throws(() => endpointRules([]).accept('https://s3.example.com'), notAllowed);
  });

  it('opens a private address only to the operator who lists that very host', () => {
    assert.equal(endpointRules(['10.1.2.3']).accept('https://10.1.2.3'), 'https://10.1.2.3');
    assert.equal(
      endpointRules(['http://127.0.0.1:9000']).accept('http://127.0.0.1:9000'),
      'http://127.0.0.1:9000',
    );
    assert.throws(() => endpointRules(['10.1.2.3']).accept('https://10.1.2.4'), notAllowed);
    assert.throws(
      () => endpointRules(['169.254.169.254']).accept('https://169.254.169.254'),
      notAllowed,
    );
  });

  it('refuses lists that say something else than they seem to', () => {
    const faults = [
      'http://s3.example.com',
      'http://10.0.0.1',
      '*.com',
      '*.254',
      '*.127.0.0.1',
      'https://user@s3.example.com',
      's3.example.com/path',
      's3.example.com:port',
      'ftp://s3.example.com',
      '*',
      '',
    ];
    for (const fault of faults) assert.throws(() => endpointRules([fault]), /must/, fault);
  });
});

describe('addressKind()', () => {
  const kinds = {
    public: ['8.8.8.8', '52.218.0.1', '2600:1f18::1', '::ffff:8.8.8.8', '64:ff9b::808:808'],
    private: ['127.0.0.1', '10.255.0.1', '::ffff:10.0.0.1', '::1', 'fd12::1', '2002:a00:1::'],
    forbidden: [
      '169.254.1.1',
      '::ffff:169.254.169.254',
      'fe80::1%eth0',
      '0.0.0.0',
      '::',
      'fd00:ec2::254',
    ],
  } as const;
  for (const [kind, addresses] of Object.entries(kinds)) {
    for (const address of addresses) {
      it(`calls ${address} ${kind}`, () => assert.equal(addressKind(address), kind));
    }
  }
});

describe('guardedAgents()', () => {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    response.end('reached');
  });
  let port = 0;
  before(async () => {
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done);
    });
    port = (server.address() as AddressInfo).port;
  });
  after(() => server.close());

  const answers = (...rounds: readonly (readonly string[])[]): LookupAll => {
    let round = 0;
    return (_name, _options, callback) => {
      const addresses = rounds[Math.min(round++, rounds.length - 1)] ?? [];
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    };
  };
  const reach = (host: string, agents: ReturnType<typeof guardedAgents>) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    httpGet(
      { host, port, agent: agents.httpAgent, headers: { connection: 'close' } },
      (response) => {
        response.resume();
        response.on('end', () => resolve('reached'));
      },
    ).on('error', reject);
    return promise.finally(() => agents.httpAgent.destroy());
  };
  const isPublic = (address: string) => addressKind(address) === 'public';
  const guarded = { code: 'ENDPOINT_NOT_ALLOWED' };

  it('connects where the address is allowed', async () => {
    assert.equal(
      await reach(
        'store.example',
        guardedAgents(() => true, answers(['127.0.0.1'])),
      ),
      'reached',
    );
  });

  it('connects to nothing when a name leads to a private address, alone or beside others', async () => {
    const before = requests;
    for (const addresses of [['127.0.0.1'], ['8.8.8.8', '127.0.0.1'], ['::ffff:127.0.0.1'], []]) {
      await assert.rejects(
        reach('store.example', guardedAgents(isPublic, answers(addresses))),
        guarded,
      );
    }
    assert.equal(requests, before);
  });

  it('judges addresses in the place of a name too, for which Node asks no lookup', async () => {
    const before = requests;
    for (const host of ['127.0.0.1', '::ffff:127.0.0.1']) {
      await assert.rejects(reach(host, guardedAgents(isPublic, answers(['8.8.8.8']))), guarded);
    }
    assert.equal(requests, before);
  });

  it('asks again for each connection, so that a name which changes its mind gains nothing', async () => {
    let allowed = true;
    const lookups = answers(['127.0.0.1']);
    const agents = () => guardedAgents(() => allowed, lookups);
    assert.equal(await reach('store.example', agents()), 'reached');
    allowed = false;
    await assert.rejects(reach('store.example', agents()), guarded);
  });
});
