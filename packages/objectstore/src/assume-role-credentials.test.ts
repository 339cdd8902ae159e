import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CausewayError, type ErrorCode } from '@causeway/contract';
import { assumeRole } from './assume-role.ts';
import {
  type AssumeRoleCredentialsInput,
  assumeRoleCredentials,
} from './assume-role-credentials.ts';
import { callerIdentity } from './caller-identity.ts';
import {
  refuse,
  type ScriptedAnswer,
  type ScriptedRequest,
  type ScriptedServer,
  scriptedServer,
} from './testing/scripted-server.ts';
import { withScriptedStore } from './testing/scripted-store.ts';

const roleArn = 'arn:aws:iam::222222222222:role/causeway';
const minute = 60_000;

/** A clock that a test sets, starting now since the SDK looks at the real one. */
function settableClock() {
  let at = Date.now();
  return {
    now: () => new Date(at),
    pass: (ms: number) => {
      at += ms;
    },
  };
}

function session(nth: number, endMs: number): ScriptedAnswer {
  return {
    status: 200,
    headers: { 'x-amzn-requestid': `R${nth}` },
    body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId><Arn>arn:aws:sts::222222222222:assumed-role/causeway/s</Arn></AssumedRoleUser><Credentials><AccessKeyId>ASIA${nth}</AccessKeyId><SecretAccessKey>s${nth}</SecretAccessKey><SessionToken>t${nth}</SessionToken><Expiration>${new Date(endMs).toISOString()}</Expiration></Credentials></AssumeRoleResult><ResponseMetadata><RequestId>R${nth}</RequestId></ResponseMetadata></AssumeRoleResponse>`,
  };
}

function stsError(status: number, code: string): ScriptedAnswer {
  return {
    status,
    headers: { 'x-amzn-requestid': 'R' },
    body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>scripted ${code}</Message></Error><RequestId>R</RequestId></ErrorResponse>`,
  };
}

async function withSts(
  script: (request: ScriptedRequest, nth: number) => ScriptedAnswer,
  test: (input: AssumeRoleCredentialsInput, server: ScriptedServer) => Promise<void>,
): Promise<void> {
  const server = await scriptedServer(script);
  const input = {
    roleArn,
    externalId: 'cw-external',
    sessionName: 'causeway-run',
    region: 'eu-west-1',
    endpoint: server.url,
    sourceCredentials: { accessKeyId: 'AKIAOPERATOR', secretAccessKey: 'not-a-secret' },
  };
  try {
    await test(input, server);
  } finally {
    await server.close();
  }
}

const rejectsWith = (code: ErrorCode, promise: Promise<unknown>) =>
  assert.rejects(promise, (error) => {
    assert.ok(CausewayError.is(error), `expected ${code}, got ${error}`);
    assert.equal(error.code, code);
    return true;
  });

describe('assumeRoleCredentials()', () => {
  it('asks STS once, however many need credentials at the same time', () => {
    const clock = settableClock();
    return withSts(
      (_request, nth) => session(nth, clock.now().getTime() + 60 * minute),
      async (input, server) => {
        const credentials = assumeRoleCredentials({ ...input, now: clock.now });

        const given = await Promise.all(Array.from({ length: 50 }, () => credentials()));

        assert.equal(server.requests.length, 1);
        assert.ok(given.every(({ accessKeyId }) => accessKeyId === 'ASIA1'));
      },
    );
  });

  it('sends the external ID and the session policy', () =>
    withSts(
      (_request, nth) => session(nth, Date.now() + 60 * minute),
      async (input, server) => {
        const sessionPolicy = { Version: '2012-10-17', Statement: [] };

        await assumeRoleCredentials({ ...input, sessionPolicy })();

        const form = new URLSearchParams(server.requests[0]?.body.toString());
        assert.equal(form.get('ExternalId'), 'cw-external');
        assert.equal(form.get('Policy'), JSON.stringify(sessionPolicy));
        assert.equal(form.get('DurationSeconds'), '3600');
      },
    ));

  for (const [life, due] of [
    [60, 50],
    [15, 7.5],
  ] as const) {
    it(`renews a session of ${life} minutes after ${due}`, () => {
      const clock = settableClock();
      return withSts(
        (_request, nth) => session(nth, clock.now().getTime() + life * minute),
        async (input, server) => {
          const durationSeconds = life * 60;
          const credentials = assumeRoleCredentials({ ...input, durationSeconds, now: clock.now });
          const first = await credentials();
          // The SDK asks again five minutes before this, which must be when it is due.
          const askedAgain = (first.expiration?.getTime() ?? 0) - 5 * minute;
          assert.ok(Math.abs(askedAgain - clock.now().getTime() - due * minute) < 5_000);

          clock.pass(due * minute - 5_000);
          assert.equal((await credentials()).accessKeyId, 'ASIA1');
          clock.pass(10_000);
          const [second, third] = await Promise.all([credentials(), credentials()]);

          assert.equal(second?.accessKeyId, 'ASIA2');
          assert.equal(third?.accessKeyId, 'ASIA2');
          assert.equal(server.requests.length, 2);
        },
      );
    });
  }

  it('asks again after an invalidation, but not for credentials that are replaced already', () =>
    withSts(
      (_request, nth) => session(nth, Date.now() + 60 * minute),
      async (input, server) => {
        const credentials = assumeRoleCredentials(input);
        const first = await credentials();
        credentials.invalidate(first);
        await credentials();
        credentials.invalidate(first);

        assert.equal((await credentials()).accessKeyId, 'ASIA2');
        credentials.invalidate();
        assert.equal((await credentials()).accessKeyId, 'ASIA3');
        assert.equal(server.requests.length, 3);
      },
    ));

  it('is asked once, not for every request, by a store that uses it', () =>
    withSts(
      (_request, nth) => session(nth, Date.now() + 60 * minute),
      (input, server) => {
        const credentials = assumeRoleCredentials(input);
        return withScriptedStore(
          () => undefined,
          async ({ store }) => {
            const puts = Array.from({ length: 10 }, (_, i) => store.headObject(`k${i}`));
            await Promise.all(puts);

            assert.equal(server.requests.length, 1);
          },
          { credentials },
        );
      },
    ));

  it('tries again at the next call after a failure', () =>
    withSts(
      (_request, nth) =>
        nth === 1 ? stsError(403, 'AccessDenied') : session(nth, Date.now() + 60 * minute),
      async (input) => {
        const credentials = assumeRoleCredentials(input);

        await rejectsWith('role_not_assumable', credentials());
        assert.equal((await credentials()).accessKeyId, 'ASIA2');
      },
    ));

  const refusals: readonly [number, string, ErrorCode][] = [
    [403, 'AccessDenied', 'role_not_assumable'],
    [403, 'InvalidClientTokenId', 'credentials_rejected'],
    [400, 'PackedPolicyTooLarge', 'store_refused'],
    [403, 'RegionDisabledException', 'store_refused'],
  ];
  for (const [status, name, code] of refusals) {
    it(`fails with ${code} when STS answers ${name}`, () =>
      withSts(
        () => stsError(status, name),
        (input) => rejectsWith(code, assumeRoleCredentials(input)()),
      ));
  }

  it('lets a store fail with the same error, without trying again', () =>
    withSts(
      () => stsError(403, 'AccessDenied'),
      (input, server) =>
        withScriptedStore(
          () => undefined,
          async ({ store, server: bucket }) => {
            await rejectsWith('role_not_assumable', store.headObject('k'));

            assert.equal(server.requests.length, 1);
            assert.equal(bucket.requests.length, 0);
          },
          { credentials: assumeRoleCredentials(input) },
        ),
    ));
});

describe('assumeRole()', () => {
  it('gives a refusal as an answer', () =>
    withSts(
      () => stsError(403, 'AccessDenied'),
      async (input) => {
        assert.deepEqual(await assumeRole(input), {
          ok: false,
          code: 'AccessDenied',
          message: 'scripted AccessDenied',
          status: 403,
          requestId: 'R',
        });
      },
    ));

  it('gives a session with its true end', () => {
    const endMs = Math.floor(Date.now() / 1000) * 1000 + 60 * minute;
    return withSts(
      (_request, nth) => session(nth, endMs),
      async (input, server) => {
        const { externalId: _omitted, ...without } = input;
        const answer = await assumeRole(without);

        assert.ok(answer.ok);
        assert.equal(answer.credentials.expiration.getTime(), endMs);
        assert.equal(answer.assumedRoleArn, 'arn:aws:sts::222222222222:assumed-role/causeway/s');
        assert.equal(answer.requestId, 'R1');
        assert.ok(!server.requests[0]?.body.toString().includes('ExternalId'));
      },
    );
  });

  it('never takes an outage for a refusal', () =>
    withSts(
      () => refuse(503, 'ServiceUnavailable'),
      (input) => rejectsWith('store_unavailable', assumeRole(input)),
    ));
});

describe('callerIdentity()', () => {
  it('says whose credentials these are', () =>
    withSts(
      () => ({
        status: 200,
        headers: { 'x-amzn-requestid': 'R' },
        body: '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::111111111111:root</Arn><UserId>1</UserId><Account>111111111111</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>R</RequestId></ResponseMetadata></GetCallerIdentityResponse>',
      }),
      async ({ sourceCredentials: credentials, region, endpoint = '' }) => {
        assert.deepEqual(await callerIdentity({ credentials, region, endpoint }), {
          ok: true,
          accountId: '111111111111',
          arn: 'arn:aws:iam::111111111111:root',
          requestId: 'R',
        });
      },
    ));
});
