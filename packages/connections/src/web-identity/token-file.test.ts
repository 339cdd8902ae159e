import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CausewayError } from '@causeway/contract';
import { readTokenFile } from './token-file.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-token-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const now = new Date('2026-01-02T03:04:05Z');
const exp = now.getTime() / 1000 + 600;
const claims = { iss: 'https://cluster.example.com', sub: 'worker', aud: ['one', 'two'], exp };

async function read(text: string) {
  const file = join(folder, 'token');
  await writeFile(file, text);
  return readTokenFile(file, now);
}

function tokenOf(body: object): string {
  return `e30.${Buffer.from(JSON.stringify(body)).toString('base64url')}.canary`;
}

describe('readTokenFile()', () => {
  it('says of whom and for whom the token is', async () => {
    const token = await read(`${tokenOf(claims)}\n`);

    assert.equal(token.text, tokenOf(claims));
    assert.equal(token.issuer, claims.iss);
    assert.equal(token.subject, 'worker');
    assert.deepEqual(token.audiences, ['one', 'two']);
    assert.deepEqual((await read(tokenOf({ ...claims, aud: 'one' }))).audiences, ['one']);
  });

  it('refuses a file without a token, and repeats none of it', async () => {
    const { sub: _, ...withoutSubject } = claims;
    const bad = [
      '',
      'canary',
      'e30.canary.e30',
      tokenOf(withoutSubject),
      tokenOf({ ...claims, aud: [] }),
      tokenOf({ ...claims, exp: String(exp) }),
      tokenOf({ ...claims, exp: now.getTime() / 1000 }),
    ];
    for (const text of bad) {
      await assert.rejects(read(text), (error) => {
        assert.ok(CausewayError.is(error, 'issuer_not_usable'), text);
        assert.doesNotMatch(error.message, /canary/);
        return true;
      });
    }
  });

  it('says that the file cannot be read', async () => {
    await assert.rejects(readTokenFile(join(folder, 'none'), now), /none" cannot be read: ENOENT/);
  });
});
