import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Script } from 'node:vm';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Connection, ConnectionBy, Customer } from '@causeway/contract';
import { accountClients, createAccessKey, createUser } from '@causeway/sandbox/clients';
import { jsonLinesLog } from '../log.ts';
import { type Server, startServer } from '../start-server.ts';
import { apiOf } from '../testing/api-of.ts';
import { type Browser, browserIsMissing, openBrowser, type Tab } from '../testing/open-browser.ts';
import { openTestStage, type TestStage } from '../testing/test-stage.ts';

let stage: TestStage;
let server: Server;
let apiKey = '';
before(async () => {
  stage = await openTestStage();
  server = await startServer({
    configuration: stage.configuration,
    log: jsonLinesLog(() => {}),
    openPage: true,
    worker: false,
  });
  apiKey = server.firstApiKey ?? '';
});
after(async () => {
  await server?.close();
  await stage?.close();
});

const read = async (path: string) => (await fetch(`${server.url}${path}`)).text();

const { call } = apiOf(() => ({ url: server.url, apiKey }));

let lastCustomer = 0;
function newCustomer(name: string): Promise<Customer> {
  lastCustomer += 1;
  return call('POST /v1/customers', { name, reference: `${name}-${lastCustomer}` });
}

const connectionsOf = async ({ id }: Customer) =>
  (await call<{ items: Connection[] }>(`GET /v1/connections?customerId=${id}`)).items;

describe('mountManagedPage()', () => {
  it('serves a page that only its own script and style can act in, and nobody can frame', async () => {
    for (const path of ['', '/script.js', '/style.css']) {
      const response = await fetch(`${server.url}/managed-buckets${path}`);

      const policy = response.headers.get('content-security-policy') ?? '';
      assert.equal(response.status, 200, path);
      assert.match(policy, /^default-src 'none'/);
      assert.match(policy, /require-trusted-types-for 'script'/);
      assert.doesNotMatch(policy, /unsafe|\*|https?:/);
      assert.equal(response.headers.get('x-frame-options'), 'DENY');
    }
  });

  it('holds nothing of anybody, and lets a script find all that it asks for', async () => {
    await newCustomer('Held back');
    const [page, script] = [
      await read('/managed-buckets'),
      await read('/managed-buckets/script.js'),
    ];

    new Script(script);
    assert.doesNotMatch(page, /Held back|<script(?![^>]* src=)|<style| style=| on[a-z]+=/);
    assert.doesNotMatch(script, /localStorage|sessionStorage|cookie|innerHTML|insertAdjacent/);
    for (const [, id] of script.matchAll(/byId\('([^']+)'\)/g)) {
      assert.ok(page.includes(`id="${id}"`), id);
    }
  });

  it('warns of the console before an external ID can be chosen', async () => {
    const page = await read('/managed-buckets');
    const choices = page.split('name="externalId"').slice(0, -1);

    assert.equal(choices.length, 2);
    for (const before of choices)
      assert.match(before, /class="warning">With an external ID nobody/);
  });
});

describe('the page of managed buckets in a browser', { skip: browserIsMissing() }, () => {
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser?.close());

  async function signIn(hash = '', options: { width?: number } = {}): Promise<Tab> {
    const tab = await browser.newTab(options);
    await tab.goto(`${server.url}/managed-buckets${hash}`);
    await tab.fill('#key', apiKey);
    await tab.press('Enter');
    await tab.until("document.querySelector('#sign-in').hidden");
    return tab;
  }

  const openForm = (options = {}) => signIn('#new', options);
  const choose = (tab: Tab, id: string) =>
    tab.run(`(() => { const select = document.querySelector('#customerId');
      select.value = ${JSON.stringify(id)}; select.dispatchEvent(new Event('change')); })()`);
  const shownView = (tab: Tab, view: string) =>
    tab.until(
      `!document.querySelector('#${view}').hidden && document.querySelector('#state').textContent !== 'Reading.'`,
    );

  async function make(tab: Tab): Promise<void> {
    await tab.click('#new form button.main');
    await shownView(tab, 'review');
    await tab.click('#create');
    await shownView(tab, 'details');
  }

  it('makes a bucket that the customer can use with what is shown', async () => {
    const customer = await newCustomer('Example Company');
    const tab = await openForm();
    await choose(tab, customer.id);
    assert.equal(await tab.run("document.querySelector('#resourceId').value"), 'example-company');
    await tab.fill('#accountId', '2222 2222 2222');

    await tab.click('#new form button.main');
    await shownView(tab, 'review');
    const review = await tab.text();
    assert.match(review, /example-company-\{14 random characters\}/);
    assert.match(review, /A bucket policy that lets account 222222222222 in/);
    assert.deepEqual(await connectionsOf(customer), [], 'nothing is kept before it is created');
    await tab.click('#create');
    await shownView(tab, 'details');

    const [made] = (await connectionsOf(customer)) as ConnectionBy<'bucket_policy'>[];
    assert.ok(made?.provisionedAt);
    const details = await tab.text();
    assert.match(details, /The bucket is made/);
    assert.match(
      details,
      new RegExp(`aws s3 cp file.csv s3://${made.bucket}/inbound/my_directory/ --profile default`),
    );
    const link = await tab.run<string>(
      "[...document.querySelectorAll('a')].find((a) => a.textContent === 'Open the bucket').href",
    );
    assert.match(link, new RegExp(`console\\.aws\\.amazon\\.com/s3/buckets/${made.bucket}`));
    const policy = await tab.run<string>(
      "document.querySelector('pre[aria-label=Policy]').textContent",
    );
    assert.equal(await upload(made.bucket ?? '', policy), 'rows');
    await tab.click('#check');
    await tab.until(
      "document.querySelector('#standing').innerText.includes('Last check: healthy')",
    );
    assert.doesNotMatch(await tab.text(), /warned: /);
    assert.deepEqual(tab.problems, []);
    assert.ok(!tab.requested.join().includes('cwk_'), 'the key is in no address');
    await tab.close();
  });

  /** Does as a user of the customer's account who has the policy that the page shows. */
  async function upload(bucket: string, policy: string): Promise<string | undefined> {
    const { iam } = accountClients(stage.sandbox.url, '222222222222');
    const userName = 'page-user';
    await createUser(iam, userName, JSON.parse(policy));
    const s3 = new S3Client({
      endpoint: stage.sandbox.url,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: await createAccessKey(iam, userName),
    });
    const place = { Bucket: bucket, Key: 'inbound/my_directory/file.csv' };
    await s3.send(new PutObjectCommand({ ...place, Body: 'rows' }));
    const operator = accountClients(stage.sandbox.url, '111111111111');
    return (await operator.s3.send(new GetObjectCommand(place))).Body?.transformToString();
  }

  it('says at each field what is wrong with it, and loses nothing that was typed', async () => {
    const customer = await newCustomer('Globex');
    const tab = await openForm();
    await tab.click('#new form button.main');
    await tab.until(
      "document.querySelector('#customerId-error').textContent === 'choose a customer'",
    );
    await choose(tab, customer.id);
    await tab.fill('#accountId', '12345');
    await tab.fill('#resourceId', 'Not_One');
    await tab.click('#new [value=ingest]');
    await tab.run("document.querySelector('#kmsKeyArn').value = 'my-key'");

    await tab.press('Tab', 'Enter');
    await tab.until("document.querySelector('#accountId-error').textContent");

    const said = await tab.run<string[]>(
      "[...document.querySelectorAll('#new .error')].map((e) => e.textContent).filter(Boolean)",
    );
    assert.deepEqual(said, [
      'must be the 12 digits of an AWS account ID',
      'must be 2 to 42 lower-case letters, digits and hyphens, with a letter or digit at both ends',
      'choose at least one',
      'must be the ARN of a KMS key',
    ]);
    assert.equal(await tab.run('document.activeElement.id'), 'accountId');
    assert.equal(
      await tab.run("document.querySelector('#accountId').getAttribute('aria-invalid')"),
      'true',
    );
    assert.equal(await tab.run("document.querySelector('#resourceId').value"), 'Not_One');

    await tab.fill('#accountId', '111111111111');
    await tab.fill('#resourceId', 'globex');
    await tab.fill('#kmsKeyArn', '');
    await tab.click('#new [value=ingest]');
    await tab.click('#new form button.main');
    await tab.until("document.querySelector('#accountId-error').textContent.includes('own')");
    assert.deepEqual(await connectionsOf(customer), []);
    assert.deepEqual(tab.problems, []);
    await tab.close();
  });

  it('changes the way in, revokes it, and lets the customer in again', async () => {
    const customer = await newCustomer('Initech');
    const tab = await openForm();
    await choose(tab, customer.id);
    await tab.fill('#accountId', '333333333333');
    const offersReceipts = () =>
      tab.run("document.querySelector('#new [name=receipts]').offsetParent !== null");
    assert.equal(await offersReceipts(), false);
    await tab.click('#new [value=deliver]');
    assert.equal(await offersReceipts(), true);
    await tab.click('#new [name=receipts]');
    await tab.click('#new [value=operator_role]');
    await tab.click('#new [name=externalId]');
    await tab.click('#new form button.main');
    await shownView(tab, 'review');
    assert.doesNotMatch(await tab.text(), /receipts below/);
    assert.match(await tab.text(), /nobody can use the bucket in the AWS console/);
    await tab.click('#create');
    await shownView(tab, 'details');
    const [strict] = (await connectionsOf(customer)) as ConnectionBy<'operator_role'>[];
    assert.match(await tab.text(), new RegExp(`external_id = ${strict?.externalId}`));
    assert.doesNotMatch(await tab.text(), /Switch role\n/);

    assert.equal(strict?.receipts, false);
    assert.match(await tab.text(), /Receipts\s+the customer may write none/);
    await tab.click('#change [name=receipts]');
    await tab.click('#change [name=externalId]');
    await tab.click('#change button');
    await tab.until("document.querySelector('#state').textContent.startsWith('Changed')");
    const open = await tab.text();
    assert.match(open, /Receipts\s+the customer may write them/);
    assert.match(open, /outbound\/_causeway\/receipts\/: write receipts/);
    assert.doesNotMatch(open, /external_id/);
    assert.match(open, /role_arn = arn:aws:iam::111111111111:role\/initech-.*-access/);
    assert.match(open, /Display name\s+causeway-initech/);

    await tab.click('#revoke');
    await tab.click('#revoke-yes');
    await tab.until(
      "document.querySelector('#state').textContent.startsWith('The customer is out')",
    );
    const [revoked] = (await connectionsOf(customer)) as ConnectionBy<'operator_role'>[];
    assert.ok(revoked?.revokedAt);
    assert.equal(
      await tab.run(
        "document.querySelector('#change').hidden && document.querySelector('#needs').hidden",
      ),
      true,
    );
    await tab.click('#provision');
    await tab.until("!document.querySelector('#needs').hidden");
    assert.deepEqual(tab.problems, []);
    await tab.close();
  });

  it('works without a mouse, on a phone', async () => {
    await newCustomer('Aa Keyboard');
    const tab = await signIn('', { width: 320 });
    await shownView(tab, 'list');
    await tab.press('Tab', 'Enter');
    await shownView(tab, 'new');
    await tab.press('Tab', 'A', 'a');
    await tab.run("document.querySelector('#customerId').selectedIndex = 1");
    await tab.press('Tab');
    assert.equal(await tab.run('document.activeElement.id'), 'accountId');
    await tab.fill('#accountId', '222222222222');
    await tab.press('Tab', 'Tab');
    await tab.fill('#resourceId', 'keyboard');
    await tab.press('Enter');
    await shownView(tab, 'review');
    assert.equal(await tab.run('document.activeElement.id'), 'review-title');
    assert.ok(await tab.run('document.documentElement.scrollWidth <= innerWidth'), 'one column');
    await tab.press('Tab', 'Tab', 'Enter');
    await shownView(tab, 'details');
    assert.ok(await tab.run('document.documentElement.scrollWidth <= innerWidth'), 'one column');
    assert.deepEqual(tab.problems, []);
    await tab.close();
  });

  it('asks for the key again when it is gone, and goes on where one was', async () => {
    const customer = await newCustomer('Umbrella');
    const tab = await openForm();
    await choose(tab, customer.id);
    await tab.fill('#accountId', '222222222222');
    await tab.run("(() => { key = 'cwk_00000000000000000000000000_00000000'; })()");
    await tab.click('#new form button.main');
    await shownView(tab, 'sign-in');
    assert.match(await tab.text(), /what you typed is kept/);

    await tab.fill('#key', 'nonsense');
    await tab.press('Enter');
    await tab.until("document.querySelector('#key-error').textContent");
    await tab.fill('#key', apiKey);
    await tab.press('Enter');
    await shownView(tab, 'new');
    assert.equal(await tab.run("document.querySelector('#accountId').value"), '222222222222');

    await tab.setOffline(true);
    await tab.click('#new form button.main');
    await tab.until("document.querySelector('#alert').textContent.includes('does not answer')");
    await tab.setOffline(false);
    await make(tab);
    assert.equal((await connectionsOf(customer)).length, 1);
    await tab.close();
  });

  it('makes one bucket, though its making broke off', async () => {
    const customer = await newCustomer('Hooli');
    const tab = await openForm();
    await choose(tab, customer.id);
    await tab.fill('#accountId', '222222222222');
    await tab.click('#new form button.main');
    await shownView(tab, 'review');
    await tab.run(`(() => {
      const real = fetch;
      fetch = (path, init) => path.endsWith('/provision') ? (fetch = real, Promise.reject(new TypeError())) : real(path, init);
    })()`);
    await tab.click('#create');
    await tab.until("document.querySelector('#create').textContent === 'Try again'");
    await tab.click('#create');
    await shownView(tab, 'details');

    const made = (await connectionsOf(customer)) as ConnectionBy<'bucket_policy'>[];
    assert.equal(made.length, 1);
    assert.ok(made[0]?.provisionedAt);
    await tab.close();
  });
});
