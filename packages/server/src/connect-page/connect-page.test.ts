import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { guideDocument, guideValue } from '@causeway/contract';
import { rootCredentials } from '@causeway/sandbox';
import {
  type AccessKey,
  accountClients,
  createRole,
  createUser,
  registerIssuer,
  replaceTrustPolicy,
} from '@causeway/sandbox/clients';

import { accessibilityFaults } from '../testing/accessibility-faults.ts';
import { acme, type ConnectStage, openConnectStage } from '../testing/connect-stage.ts';
import { type Browser, browserIsMissing, openBrowser, type Tab } from '../testing/open-browser.ts';

describe('the page behind a setup link, in a browser', { skip: browserIsMissing() }, () => {
  let connect: ConnectStage;
  let browser: Browser;
  before(async () => {
    [connect, browser] = await Promise.all([openConnectStage(), openBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await connect?.close();
  });

  /** A tab that is on the page, with the link opened. */
  async function visit(url: string, options = {}): Promise<Tab> {
    const tab = await browser.newTab(options);
    await tab.goto(url);
    await tab.until(`!document.getElementById('setup').hidden`);
    return tab;
  }

  const titled = (title: string) =>
    `document.querySelector('#state strong')?.textContent === ${JSON.stringify(title)}`;

  async function enterPlace(tab: Tab, bucket: string, accountId?: string) {
    await tab.fill('#bucket', bucket);
    if (accountId) await tab.fill('#accountId', accountId);
    await tab.click('#place button');
    await tab.until(`document.getElementById('place').hidden`);
  }

  it('turns green by itself when the customer has made the role', async () => {
    const link = await connect.newLink();
    const tab = await visit(link.url);
    assert.match(await tab.text(), /Skyline asks Acme for access to one folder/);
    assert.match(await tab.text(), /Waiting for the bucket/);

    await enterPlace(tab, 'acme-role-data', '2222-2222-2222');
    await tab.until(titled('Waiting for the role'));
    await tab.until(`document.getElementById('guide-text').textContent.includes('AWS::IAM::Role')`);
    await connect.stage.setUp(await connect.guideOf(link.connectionId));
    await tab.until(titled('Your part is done'));

    assert.match(await tab.text(), /Skyline now confirms that account 222222222222 is yours/);
    const confirm = `POST /v1/connections/${link.connectionId}/confirm-account`;
    await connect.call(confirm, { accountId: acme });
    await tab.click('#check');
    await tab.until(titled('Connected'));
    assert.deepEqual(tab.problems, []);
    await tab.close();
  });

  it('keeps the token out of the address, the history, the storage and every request line', async () => {
    const link = await connect.newLink();
    const token = new URL(link.url).hash.slice(1);
    const tab = await visit(link.url);

    assert.equal(await tab.run('location.href'), `${connect.server.url}/connect`);
    assert.equal(await tab.run('history.length'), 2);
    assert.equal(
      await tab.run(
        'JSON.stringify([localStorage, sessionStorage, document.cookie, history.state])',
      ),
      '[{},{},"",null]',
    );
    assert.ok(!(await tab.run<string>('document.documentElement.outerHTML')).includes(token));
    const told = tab.requested.filter((url) => url !== link.url);
    assert.ok(told.length > 3);
    for (const url of told) {
      assert.ok(!url.includes(token), url);
      assert.ok(url.startsWith(connect.server.url), url);
    }
    await tab.close();
  });

  it('takes an access key, shows four of its characters, and keeps the secret nowhere', async () => {
    const link = await connect.newLink({ access: 'access_key' });
    const tab = await visit(link.url);
    await enterPlace(tab, 's3://acme-key-data/insights/', acme);
    await tab.until(titled('Waiting for the access key'));
    const key = await connect.newKey(
      await connect.makeUser(await connect.guideOf(link.connectionId)),
    );

    await tab.fill('#accessKeyId', ` ${key.accessKeyId}`);
    await tab.fill('#secretAccessKey', key.secretAccessKey);
    await tab.click('#keys button');
    await tab.until(titled('Your part is done'));

    assert.match(await tab.text(), new RegExp(`…${key.accessKeyId.slice(-4)} entered .* in use`));
    const kept = await tab.run<string>(`document.documentElement.outerHTML
      + [...document.querySelectorAll('input, textarea')].map(({ value }) => value).join()
      + JSON.stringify([localStorage, sessionStorage, document.cookie, history.state])`);
    assert.ok(!kept.includes(key.secretAccessKey));
    assert.ok(!kept.includes(key.accessKeyId));
    assert.ok(!tab.requested.join().includes(key.accessKeyId));
    assert.deepEqual(tab.problems, []);
    await tab.close();
  });

  it('refuses wrong keys at their field, and changes a key in place', async () => {
    const link = await connect.newLink({ access: 'access_key' });
    const tab = await visit(link.url);
    await enterPlace(tab, 'acme-rotation', acme);
    const userName = await connect.makeUser(await connect.guideOf(link.connectionId));
    const [first, second] = [await connect.newKey(userName), await connect.newKey(userName)];
    const enter = async ({ accessKeyId, secretAccessKey }: AccessKey) => {
      await tab.fill('#accessKeyId', accessKeyId);
      await tab.fill('#secretAccessKey', secretAccessKey);
      await tab.press('Enter');
    };
    const refusedAt = async (field: string, reason: string) => {
      const said = `document.getElementById('${field}-error')?.textContent.includes(${JSON.stringify(reason)})`;
      await tab.until(`${said} && document.activeElement.id === '${field}'`);
      assert.equal(
        await tab.run(`document.getElementById('${field}').getAttribute('aria-errormessage')`),
        `${field}-error`,
      );
      assert.equal(await tab.run(`document.getElementById('secretAccessKey').value`), '');
    };

    await enter(rootCredentials(acme));
    await refusedAt('accessKeyId', 'root user');
    await enter({ accessKeyId: 'ASIAIOSFODNN7EXAMPLE', secretAccessKey: 'x'.repeat(40) });
    await refusedAt('accessKeyId', 'temporary');
    await enter({ ...first, secretAccessKey: second.secretAccessKey });
    await refusedAt('secretAccessKey', 'does not belong');
    await enter({ accessKeyId: first.accessKeyId, secretAccessKey: '' });
    await tab.until(`document.getElementById('secretAccessKey-error')`);

    await enter(first);
    await tab.until(titled('Your part is done'));
    await enter(second);
    await tab.until(`document.querySelectorAll('#key-list li').length === 2`);
    assert.equal(await tab.run(`document.getElementById('keys').hidden`), true);
    await tab.click('#key-list [id^=use-]');
    await tab.until(
      `document.querySelector('#key-list li:last-child').textContent.includes('in use')`,
    );
    await tab.click('#key-list li:first-child [id^=remove-]');
    await tab.until(`document.querySelectorAll('#key-list li').length === 1`);

    const connection = await connect.connectionOf(link.connectionId);
    assert.ok(connection.access === 'access_key');
    assert.deepEqual(
      connection.accessKeys.map(({ lastFour, current }) => [lastFour, current]),
      [[second.accessKeyId.slice(-4), true]],
    );
    assert.deepEqual(tab.problems, []);
    await tab.close();
  });

  it('says of a pasted policy which lines to change, and the corrected one works', async () => {
    const link = await connect.newLink({}, { expectedAccountId: acme });
    const tab = await visit(link.url);
    await enterPlace(tab, 'acme-pasted');
    const guide = await connect.guideOf(link.connectionId);
    const wrong = structuredClone(guideDocument(guide, 'permissionsPolicy')) as {
      Statement: { Resource: string | string[] }[];
    };
    for (const statement of wrong.Statement) statement.Resource = 'arn:aws:s3:::acme-pasted';
    const { iam, s3 } = accountClients(connect.stage.sandbox.url, acme);
    await s3.send(new CreateBucketCommand({ Bucket: 'acme-pasted' }));
    const roleName = guideValue(guide, 'roleName');
    const trustPolicy = guideDocument(guide, 'trustPolicy');
    await createRole(iam, { roleName, trustPolicy, permissionsPolicy: wrong });
    await tab.until(`document.querySelector('#steps .failed, #steps .pending')`);

    await tab.fill('#paste-permissionsPolicies', JSON.stringify(wrong));
    await tab.click('#paste > button');
    await tab.until(`document.querySelector('.corrected')`);

    const shown = await tab.run<string>(`document.getElementById('diagnosis-result').innerText`);
    assert.match(shown, /the connection will not work/);
    assert.match(shown, /Skyline must be able to write under "causeway\/"/);
    const changed = await tab.run<string[]>(
      `[...document.querySelectorAll('.diff ins')].map(({ textContent }) => textContent.trim())`,
    );
    assert.ok(
      changed.some((line) => line.includes('arn:aws:s3:::acme-pasted/causeway/*')),
      shown,
    );
    const corrected = await tab.run<string>(
      `document.querySelector('.corrected .block pre').textContent`,
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: roleName,
        PolicyName: 'causeway',
        PolicyDocument: corrected,
      }),
    );
    await tab.click('#check');
    await tab.until(titled('Connected'));
    assert.deepEqual(tab.problems, []);
    await tab.close();
  });

  it('turns green by itself when a role for our tokens is there', async () => {
    const link = await connect.newLink(
      { access: 'web_identity', location: 's3://acme-tokens/causeway/' },
      { expectedAccountId: acme },
    );
    const tab = await visit(link.url);
    await tab.until(titled('Waiting for the role'));
    const guide = await connect.guideOf(link.connectionId);
    const { iam } = accountClients(connect.stage.sandbox.url, acme);
    await registerIssuer(iam, guideValue(guide, 'issuer'), [guideValue(guide, 'audience')]);

    await connect.stage.setUp(guide);

    await tab.until(titled('Connected'));
    assert.match(await tab.text(), /s3:\/\/acme-tokens\/causeway\/ in AWS account 2222-2222-2222/);
    assert.deepEqual(tab.problems, []);
    await tab.close();
  });

  it('turns green by itself with the key of a store that is not AWS', async () => {
    const link = await connect.newLink({
      access: 'access_key',
      endpoint: connect.stage.sandbox.url,
      region: 'us-east-1',
    });
    const tab = await visit(link.url);
    assert.equal(await tab.run(`document.getElementById('account-row').hidden`), true);
    await enterPlace(tab, 'acme-elsewhere');
    const { iam, s3 } = accountClients(connect.stage.sandbox.url, acme);
    await s3.send(new CreateBucketCommand({ Bucket: 'acme-elsewhere' }));
    const guide = await connect.guideOf(link.connectionId);
    await createUser(iam, 'elsewhere', guideDocument(guide, 'permissionsPolicy'));
    const key = await connect.newKey('elsewhere');

    await tab.fill('#accessKeyId', key.accessKeyId);
    await tab.fill('#secretAccessKey', key.secretAccessKey);
    await tab.click('#keys button');

    await tab.until(titled('Connected'));
    assert.deepEqual(tab.problems, []);
    await tab.close();
  });

  for (const access of ['bucket_policy', 'operator_role']) {
    it(`shows what a managed bucket by ${access} needs, and that it works`, async () => {
      const resourceId = `acme-${access.replace('_', '-')}`;
      const link = await connect.newLink({ access, resourceId, accountId: acme });
      await connect.call(`POST /v1/connections/${link.connectionId}/provision`, {});
      const tab = await visit(link.url);

      await tab.until(titled('Connected'));

      assert.match(await tab.text(), /Skyline gives Acme a bucket/);
      await tab.until(
        `document.getElementById('guide-text').textContent.includes('${resourceId}')`,
      );
      assert.equal(await tab.run(`document.getElementById('place').hidden`), true);
      assert.deepEqual(tab.problems, []);
      await tab.close();
    });
  }

  it('names the unsafe role, and is never green with it', async () => {
    const link = await connect.newLink(
      { location: 's3://acme-unsafe/causeway/' },
      { expectedAccountId: acme },
    );
    const tab = await visit(link.url);
    const guide = await connect.guideOf(link.connectionId);
    const trust = structuredClone(guideDocument(guide, 'trustPolicy')) as {
      Statement: { Condition: Record<string, unknown> }[];
    };
    for (const { Condition } of trust.Statement) delete Condition['StringEquals'];
    await connect.stage.setUp(guide, trust);

    await tab.until(titled('Not safe yet'));
    await tab.fill('#paste-trustPolicy', JSON.stringify(trust));
    await tab.click('#paste > button');
    await tab.until(`document.querySelector('#diagnosis-result .state.bad')`);

    const shown = await tab.run<string>(`document.getElementById('diagnosis-result').innerText`);
    assert.match(shown, /It must be refused to assume the role without an external ID/);
    const corrected = await tab.run<string>(
      `document.querySelector('.corrected .block pre').textContent`,
    );
    const { iam } = accountClients(connect.stage.sandbox.url, acme);
    await replaceTrustPolicy(iam, guideValue(guide, 'roleName'), JSON.parse(corrected));
    await tab.click('#check');
    await tab.until(titled('Connected'));
    await tab.close();
  });

  it('says why a link cannot be used, before and while it is', async () => {
    const link = await connect.newLink();
    const tab = await visit(link.url);

    await connect.call(`DELETE /v1/setup-links/${link.id}`);
    await tab.click('#check');
    await tab.until(`!document.getElementById('closed').hidden`);

    assert.match(await tab.text(), /it was revoked/);
    assert.doesNotMatch(await tab.text(), /Give access/);
    const broken = await browser.newTab();
    await broken.goto(`${connect.server.url}/connect#cwl_broken`);
    await broken.until(`!document.getElementById('closed').hidden`);
    assert.match(await broken.text(), /it is not complete/);
    assert.deepEqual([...tab.problems, ...broken.problems], []);
    await Promise.all([tab.close(), broken.close()]);
  });

  it('goes on by itself when the network is back', async () => {
    const link = await connect.newLink();
    const tab = await visit(link.url);

    await tab.setOffline(true);
    await tab.click('#check');
    await tab.until(`!document.getElementById('offline').hidden`);
    await tab.fill('#bucket', 'acme-offline');
    await tab.setOffline(false);

    await tab.until(`document.getElementById('offline').hidden`);
    assert.equal(await tab.run(`document.getElementById('bucket').value`), 'acme-offline');
    await tab.close();
  });

  it('says at the field what is wrong with a bucket or an account, and keeps what was typed', async () => {
    const link = await connect.newLink();
    const tab = await visit(link.url);
    const refusedAt = (field: string, reason: string) =>
      tab.until(
        `document.getElementById('${field}-error')?.textContent.includes(${JSON.stringify(reason)})
          && document.activeElement.id === '${field}'`,
      );

    await tab.fill('#bucket', 'Not_A_Bucket');
    await tab.fill('#accountId', '1234');
    await tab.click('#place button');
    await refusedAt('accountId', '12 digits');
    await tab.fill('#accountId', '111111111111');
    await tab.click('#place button');
    await refusedAt('bucket', 'Not_A_Bucket');
    await tab.fill('#bucket', 'acme-good-name');
    await tab.click('#place button');
    await refusedAt('accountId', "operator's own account");

    assert.equal(await tab.run(`document.getElementById('bucket').value`), 'acme-good-name');
    assert.equal(await tab.run(`document.querySelectorAll('.field-error:not(:empty)').length`), 1);
    await tab.close();
  });

  it('works without a mouse: fields, tabs and buttons in the order that they are read', async () => {
    const link = await connect.newLink({}, { expectedAccountId: acme });
    const tab = await visit(link.url);
    const focused = () =>
      tab.run<string>(`document.activeElement.id || document.activeElement.tagName`);

    await tab.press('Tab');
    assert.equal(await focused(), 'bucket');
    await tab.fill('#bucket', 'acme-keyboard');
    await tab.press('Tab', 'Tab', 'Tab', 'Enter');
    await tab.until(`document.getElementById('guide-text').textContent.length > 100`);
    await tab.run(`document.getElementById('tab-cloudformation').focus()`);
    await tab.press('ArrowRight');
    assert.equal(await focused(), 'tab-terraform');
    await tab.until(
      `document.getElementById('guide-text').textContent.includes('resource "aws_iam_role"')`,
    );
    await tab.press('End');
    assert.equal(await focused(), 'tab-message');
    await tab.press('ArrowRight');
    assert.equal(await focused(), 'tab-cloudformation');
    assert.equal(await tab.run(`getComputedStyle(document.activeElement).outlineStyle`), 'solid');
    await tab.press('Tab');
    assert.equal(await focused(), 'download');
    await tab.close();
  });

  for (const [name, place, options] of [
    ['on a phone, by day', 'phone', { width: 360, height: 740 }],
    ['on a desktop, by night', 'desktop', { dark: true }],
  ] as const) {
    it(`can be read and used by everybody ${name}`, async () => {
      const link = await connect.newLink({ location: `s3://acme-${place}/causeway/` });
      const tab = await visit(link.url, options);
      await tab.fill('#accountId', acme);
      await tab.click('#place button');
      await tab.until(`document.querySelector('#steps .failed, #steps .pending')`);
      await tab.fill('#paste-trustPolicy', '{"Version":"2012-10-17","Statement":[]}');
      await tab.click('#paste > button');
      await tab.until(`document.querySelector('.corrected')`);
      await tab.run(`document.querySelectorAll('details').forEach((each) => { each.open = true })`);

      assert.deepEqual(await tab.run(accessibilityFaults), []);
      const { scrollWidth, clientWidth } = await tab.run<Record<string, number>>(
        `({ scrollWidth: document.documentElement.scrollWidth, clientWidth: document.documentElement.clientWidth })`,
      );
      assert.ok((scrollWidth ?? 0) <= (clientWidth ?? 0), 'nothing sticks out at the side');
      await tab.close();
    });
  }
});
