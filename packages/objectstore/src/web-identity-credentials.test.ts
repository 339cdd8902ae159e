import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CausewayError, type ErrorCode } from '@causeway/contract';
import {
  type ScriptedAnswer,
  type ScriptedRequest,
  type ScriptedServer,
  scriptedServer,
} from './testing/scripted-server.ts';
import {
  type WebIdentityCredentialsInput,
  webIdentityCredentials,
} from './web-identity-credentials.ts';

const roleArn = 'arn:aws:iam::222222222222:role/causeway';
const minute = 60_000;

function session(nth: number, endMs: number): ScriptedAnswer {
  return {
    status: 200,
    headers: { 'x-amzn-requestid': `R${nth}` },
    body: `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId><Arn>arn:aws:sts::222222222222:assumed-role/causeway/s</Arn></AssumedRoleUser><Credentials><AccessKeyId>ASIA${nth}</AccessKeyId><SecretAccessKey>s${nth}</SecretAccessKey><SessionToken>t${nth}</SessionToken><Expiration>${new Date(endMs).toISOString()}</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
  };
}

function stsError(status: number, code: string): ScriptedAnswer {
  return {
    status,
    body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>scripted ${code}</Message></Error><RequestId>R</RequestId></ErrorResponse>`,
  };
}

async function withSts(
  script: (request: ScriptedRequest, nth: number) => ScriptedAnswer,
  test: (input: WebIdentityCredentialsInput, server: ScriptedServer) => Promise<void>,
): Promise<void> {
  const server = await scriptedServer(script);
  let tokens = 0;
  const input = {
    roleArn,
    sessionName: 'causeway-run',
    region: 'eu-west-1',
    endpoint: server.url,
    token: async () => `token-${++tokens}`,
  };
  try {
    await test(input, server);
  } finally {
    await server.close();
  }
}

const formOf = (request: ScriptedRequest | undefined) =>
  new URLSearchParams(request?.body.toString());

describe('webIdentityCredentials()', () => {
  it('shows a token in a request that nobody signed', () =>
    withSts(
      (_request, nth) => session(nth, Date.now() + 60 * minute),
      async (input, server) => {
        const sessionPolicy = { Version: '2012-10-17', Statement: [] };

        await webIdentityCredentials({ ...input, sessionPolicy })();

        const [request] = server.requests;
        const form = formOf(request);
        assert.equal(request?.headers.authorization, undefined);
        assert.equal(form.get('Action'), 'AssumeRoleWithWebIdentity');
        assert.equal(form.get('WebIdentityToken'), 'token-1');
        assert.equal(form.get('RoleSessionName'), 'causeway-run');
        assert.equal(form.get('Policy'), JSON.stringify(sessionPolicy));
        assert.equal(form.get('DurationSeconds'), '3600');
      },
    ));

  it('asks once for all, and with a new token when the session is due for another', () => {
    let at = Date.now();
    return withSts(
      (_request, nth) => session(nth, at + 60 * minute),
      async (input, server) => {
        const credentials = webIdentityCredentials({ ...input, now: () => new Date(at) });

        await Promise.all(Array.from({ length: 20 }, () => credentials()));
        at += 50 * minute;
        const renewed = await credentials();

        assert.equal(renewed.accessKeyId, 'ASIA2');
        assert.deepEqual(
          server.requests.map((request) => formOf(request).get('WebIdentityToken')),
          ['token-1', 'token-2'],
        );
      },
    );
  });

  const refusals: readonly (readonly [number, string, ErrorCode])[] = [
    [403, 'AccessDenied', 'role_not_assumable'],
    [400, 'InvalidIdentityToken', 'identity_token_rejected'],
    [400, 'ExpiredTokenException', 'identity_token_rejected'],
    [403, 'IDPRejectedClaim', 'identity_token_rejected'],
    [400, 'IDPCommunicationError', 'store_unavailable'],
    [403, 'RegionDisabledException', 'store_refused'],
  ];
  for (const [status, code, expected] of refusals) {
    it(`fails with ${expected} when STS answers ${code}`, () =>
      withSts(
        () => stsError(status, code),
        async (input) => {
          await assert.rejects(webIdentityCredentials(input)(), (error) => {
            assert.ok(CausewayError.is(error, expected), `expected ${expected}, got ${error}`);
            assert.doesNotMatch(error.message, /token-1/);
            return true;
          });
        },
      ));
  }

  it('fails with what keeps the token from being made, and does not ask STS', () =>
    withSts(
      (_request, nth) => session(nth, Date.now() + 60 * minute),
      async (input, server) => {
        const reason = 'the token file is gone';
        const failure = new CausewayError('issuer_not_usable', { issuer: 'x', reason });
        const token = () => Promise.reject(failure);

        await assert.rejects(webIdentityCredentials({ ...input, token })(), failure);
        assert.equal(server.requests.length, 0);
      },
    ));
});
