import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

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
});
