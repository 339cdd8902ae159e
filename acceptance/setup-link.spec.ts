/**
 * What a customer's administrator does who was sent a setup link, and nothing else: every
 * call here is made with the token of the link, and every AWS call with the customer's own key.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CustomerAccount, guideValue, rootKey, withoutExternalId } from './support/customer.ts';
import { newKey } from './support/customer-user.ts';
import { followGuide, type GuideWithSteps } from './support/follow-guide.ts';
import { callsOf } from './support/target.ts';
import {
  assertHealthy,
  type Calls,
  type Connection,
  certainCalls,
  openVendor,
  type Report,
  type Vendor,
} from './support/vendor.ts';

const account = '333333333333';

interface Link {
  readonly id: string;
  readonly url: string;
  readonly connectionId: string;
}

interface View {
  readonly customerName: string;
  readonly connection: Connection & {
    readonly accountConfirmed: boolean;
    readonly accessKeys: readonly {
      readonly id: string;
      readonly lastFour: string;
      readonly current: boolean;
    }[];
  };
}

interface Diagnosis {
  readonly verdict: string;
  readonly correction: {
    readonly verdict: string;
    readonly documents: readonly { readonly document: string; readonly policy: object }[];
  } | null;
}

describe('a setup link', () => {
  let vendor: Vendor;
  before(async () => {
    vendor = await openVendor();
  });
  after(() => vendor?.close());

  const invite = async (reference: string, connection: object) => {
    const customerId = await vendor.customer(reference);
    return vendor.call<Link>('POST /v1/setup-links', {
      connection: { customerId, ...connection },
    });
  };

  /** Opens a link as the page does, and calls with its session from then on. */
  async function open(link: Link): Promise<Calls> {
    const { url } = vendor.target;
    const stranger = certainCalls(callsOf(url, null));
    const { token } = await stranger.call<{ token: string }>('POST /v1/connect/sessions', {
      token: new URL(link.url).hash.slice(1),
    });
    return certainCalls(callsOf(url, token));
  }

  it('leads by an access key from nothing to a delivery, and later to another key', async () => {
    const { sandboxUrl } = vendor.target;
    const link = await invite('SEA', { access: 'access_key' });
    const of = `/v1/connections/${link.connectionId}`;
    const page = await fetch(`${vendor.target.url}${new URL(link.url).pathname}`);
    assert.equal(page.status, 200);
    const admin = await open(link);

    await admin.call('PATCH /v1/connect/connection', {
      bucket: 's3://keys-by-link/incoming/',
      accountId: account,
    });
    const guide = await admin.call<GuideWithSteps>(`GET ${of}/setup-guide`);
    await followGuide(sandboxUrl, account, guide, ['CreateAccessKey']);
    const userName = guideValue(guide, 'userName');
    const root = await admin.refused(`POST ${of}/access-keys`, rootKey(account));
    const first = await newKey(sandboxUrl, account, userName);
    const wrong = { ...first, secretAccessKey: 'x'.repeat(40) };
    const mistyped = await admin.refused(`POST ${of}/access-keys`, wrong);
    await admin.call(`POST ${of}/access-keys`, first);
    assertHealthy(await admin.call<Report>(`POST ${of}/check`, {}));

    assert.match(root.message, /root user/);
    assert.match(mistyped.message, /secret does not belong/);
    const before = await admin.call<View>('GET /v1/connect/connection');
    assert.equal(before.connection.accountConfirmed, false);
    assert.equal((await admin.refused('GET /v1/customers')).code, 'not_for_setup');
    await vendor.call(`POST ${of}/confirm-account`, { accountId: account });
    const run = await vendor.deliverFlights('by-link', [before.connection.customerId]);
    assert.equal(run.state, 'succeeded');

    const second = await newKey(sandboxUrl, account, userName);
    await admin.call(`POST ${of}/access-keys`, second);
    const { connection } = await admin.call<View>('GET /v1/connect/connection');
    const [old, added] = connection.accessKeys;
    assert.equal(added?.current, false);
    await admin.call(`POST ${of}/access-keys/${added?.id}/use`, {});
    await admin.call(`DELETE ${of}/access-keys/${old?.id}`);
    const after = await admin.call<View>('GET /v1/connect/connection');
    assert.deepEqual(
      after.connection.accessKeys.map(({ lastFour, current }) => [lastFour, current]),
      [[second.accessKeyId.slice(-4), true]],
    );
    const told = JSON.stringify([
      before,
      after,
      await vendor.call(`GET /v1/events?connectionId=${link.connectionId}`),
    ]);
    for (const { secretAccessKey, accessKeyId } of [first, second]) {
      assert.ok(!told.includes(secretAccessKey));
      assert.ok(!told.includes(accessKeyId));
    }
  });

  it('leads by a role that was made wrong to the policy that mends it', async () => {
    const { sandboxUrl } = vendor.target;
    const link = await invite('DEN', {});
    const of = `/v1/connections/${link.connectionId}`;
    const admin = await open(link);
    await admin.call('PATCH /v1/connect/connection', {
      bucket: 'role-by-link',
      accountId: account,
    });
    const guide = await admin.call<GuideWithSteps>(`GET ${of}/setup-guide`);
    const customer = new CustomerAccount(sandboxUrl, account);
    await customer.createBucket('role-by-link');
    const wrong = withoutExternalId(guide);
    await customer.createRole(guide, wrong);
    const unsafe = await admin.call<Report>(`POST ${of}/check`, {});
    assert.equal(unsafe.outcome, 'insecure');

    const { verdict, correction } = await admin.call<Diagnosis>(`POST ${of}/diagnose`, {
      trustPolicy: JSON.stringify(wrong),
    });

    assert.equal(verdict, 'insecure');
    assert.equal(correction?.verdict, 'works');
    const [mended] = correction?.documents ?? [];
    assert.equal(mended?.document, 'trustPolicy');
    await customer.replaceTrustPolicy(guideValue(guide, 'roleName'), mended?.policy ?? {});
    assertHealthy(await admin.call<Report>(`POST ${of}/check`, {}));
  });

  it('opens its own connection alone, and nothing once it is revoked', async () => {
    const mine = await invite('BOS', {});
    const theirs = await invite('ATL', { access: 'access_key' });
    const admin = await open(mine);
    const other = `/v1/connections/${theirs.connectionId}`;

    for (const line of [
      `POST ${other}/diagnose`,
      `POST ${other}/access-keys`,
      `POST ${other}/access-keys/key_1/use`,
      `DELETE ${other}/access-keys/key_1`,
      `POST ${other}/check`,
      `GET ${other}/setup-guide`,
    ]) {
      assert.equal(
        (await admin.refused(line, line.startsWith('GET') ? undefined : {})).code,
        'not_for_setup',
        line,
      );
    }
    await vendor.call(`DELETE /v1/setup-links/${mine.id}`);

    assert.equal((await admin.refused('GET /v1/connect/connection')).code, 'session_ended');
  });
});
