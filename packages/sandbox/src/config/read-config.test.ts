import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SandboxError } from '../sandbox-error.ts';
import { readConfig } from './read-config.ts';

const account = {
  id: '444444444444',
  alias: 'initech',
  accessKeyId: 'AKIAINITECH444444444',
  secretAccessKey: 'secret',
};

function refusalOf(config: unknown): SandboxError {
  try {
    readConfig(config);
  } catch (error) {
    assert.ok(error instanceof SandboxError);
    return error;
  }
  assert.fail('The configuration was taken');
}

describe('readConfig()', () => {
  it('takes nothing at all, and gives the three accounts without an organization', () => {
    const { accounts, organization, iamDelaySeconds } = readConfig({});

    assert.equal(accounts.length, 3);
    assert.equal(organization.membershipOf('111111111111'), null);
    assert.equal(iamDelaySeconds, 0);
  });

  it('takes accounts, and the delay of IAM', () => {
    const { accounts, iamDelaySeconds } = readConfig({ accounts: [account], iamDelaySeconds: 10 });

    assert.deepEqual(accounts, [account]);
    assert.equal(iamDelaySeconds, 10);
  });

  it('names every unknown key and every value that does not fit', () => {
    const { code, message } = refusalOf({
      accounts: [{ ...account, region: 'x', alias: 7, id: '4' }, 'none'],
      organisation: {},
      iamDelaySeconds: -1,
    });

    assert.equal(code, 'config_invalid');
    assert.match(message, /the configuration has the unknown key "organisation"/);
    assert.match(message, /accounts\[0\] has the unknown key "region"/);
    assert.match(message, /accounts\[0\]\.alias is 7, not text/);
    assert.match(message, /accounts\[1\] is "none", not an object/);
    assert.match(message, /account id "4" is not twelve digits/);
    assert.match(message, /iamDelaySeconds is -1, not a whole number from 0 to 3600/);
  });

  it('names accounts that cannot be used', () => {
    const { code, message } = refusalOf({ accounts: [account, account] });

    assert.equal(code, 'accounts_invalid');
    assert.match(message, /id "444444444444" is used twice/);
  });

  it('refuses what is no object', () => {
    for (const config of [null, [], 'x', 7]) {
      assert.match(refusalOf(config).message, /the configuration is .*, not an object/);
    }
  });
});
