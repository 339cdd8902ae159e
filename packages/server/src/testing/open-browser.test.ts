import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type Browser, browserIsMissing, openBrowser } from './open-browser.ts';

const page = `<!doctype html><title>Test</title><label>Name <input id="name" value="old"></label>
<button onclick="out.textContent = document.querySelector('#name').value">Go</button><p id="out"></p>
<img src="https://elsewhere.example/x.png" alt="">`;

/** The other browser tests rest on this: that what goes wrong in a page is seen. */
describe('openBrowser()', { skip: browserIsMissing() }, () => {
  let server: Server;
  let browser: Browser;
  let url = '';
  before(async () => {
    server = createServer((request, response) => {
      const policy =
        request.url === '/strict' ? "default-src 'none'" : "default-src 'self' 'unsafe-inline'";
      response.setHeader('content-security-policy', policy);
      response.setHeader('content-type', 'text/html');
      response.end(page);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
  });

  it('types with keys, clicks with the mouse, and reads what is shown', async () => {
    const tab = await browser.newTab({ width: 320, height: 600 });
    await tab.goto(`${url}/#fragment`);

    await tab.fill('#name', 'Ada');
    await tab.press('Tab', 'Enter');
    await tab.until("out.textContent === 'Ada'");
    await tab.fill('#name', 'Grace');
    await tab.click('button');

    assert.match(await tab.text(), /Grace/);
    assert.equal(await tab.run('innerWidth'), 320);
    assert.ok(tab.requested.includes(`${url}/#fragment`));
    await tab.close();
  });

  it('sees what the policy refuses, what throws, and what cannot be clicked', async () => {
    const tab = await browser.newTab();
    await tab.goto(`${url}/strict`);
    await tab.run("setTimeout(() => { throw new Error('thrown in the page') })");
    await tab.run("console.error('said in the page')");

    assert.match(tab.problems.join('\n'), /Content Security Policy/);
    assert.match(tab.problems.join('\n'), /thrown in the page/);
    assert.match(tab.problems.join('\n'), /said in the page/);
    await tab.run("document.querySelector('button').hidden = true");
    await assert.rejects(tab.click('button'), /Nobody can click/);
    await assert.rejects(tab.run('nothing.here'), /nothing/);
    await tab.close();
  });

  it('can be offline', async () => {
    const tab = await browser.newTab();
    await tab.goto(url);
    await tab.setOffline(true);

    assert.equal(await tab.run("fetch('/').catch(() => 'failed')"), 'failed');
    await tab.close();
  });
});
