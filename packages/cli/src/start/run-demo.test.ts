import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { familyOf, waitUntilGone } from '../testing/processes.ts';
import {
  type Finished,
  makePlace,
  type Place,
  runProcess,
  startCommand,
} from '../testing/run-command.ts';

describe('causeway demo', { timeout: 300_000 }, () => {
  let place: Place;
  let demo: Finished;

  before(async () => {
    place = await makePlace();
    demo = await runProcess(place, ['demo']);
  });
  after(() => place.remove());

  /** What is printed under the title of a step, up to the next. */
  function step(title: RegExp): string {
    const parts = demo.stdout.split(/\n\d+\. /);
    return parts.find((part) => title.test(part.split('\n')[0] ?? '')) ?? '';
  }

  it('runs to its end', () => {
    assert.equal(demo.stderr, '');
    assert.equal(demo.exitCode, 0);
    assert.match(demo.stdout, /✓ Connected, checked, delivered exactly once, verified in /);
  });

  it('refuses the customer that forgot the external ID, with the reason and the fix', () => {
    const refused = step(/forgets the external ID/);

    assert.match(refused, /✗ The role refuses us without an external ID/);
    assert.match(refused, /can be assumed without an external ID: any other customer/);
    assert.match(refused, /fix \(customer\): Replace the trust policy/);
    assert.match(refused, /Refused: a connection like this is never activated/);
    assert.doesNotMatch(step(/The connection to Globex is checked/), /✗/);
  });

  it('shows every step of the check with its verdict', () => {
    const checked = step(/The connection to Acme is checked/);

    assert.equal(checked.match(/^ +✓ /gm)?.length, 12);
  });

  it('gives each customer its own rows, and nothing again for the same window', () => {
    const delivered = step(/receives its own rows/);

    assert.match(delivered, /Acme delivered: 124,711 rows/);
    assert.match(delivered, /Globex delivered: 166,341 rows/);
    assert.match(step(/same window again/), /every customer unchanged, 4 objects as before/);
  });

  it('shows that a kill before commit leaves nothing visible, and one inside it is completed', () => {
    const before = step(/between prepare and commit/);
    const inside = step(/inside commit/);

    assert.match(before, /kill -9 \d+, at its CompleteMultipartUpload/);
    assert.match(before, /the customers see nothing/);
    assert.match(inside, /kill -9 \d+, at its PutObject/);
    assert.match(inside, /2 files visible and no manifest/);
    for (const text of [before, inside]) {
      assert.match(text, /The next worker finishes the run from the journal \(attempt 2\)/);
      assert.match(text, /Exactly one file and one manifest for each customer/);
    }
  });

  it('verifies every delivery as its receiver would, and against the source', () => {
    for (const [name, airport] of [
      ['Acme', 'ATL'],
      ['Globex', 'ORD'],
    ]) {
      const verified = step(new RegExp(`${name} verifies its deliveries`));
      const equal = new RegExp(`equal those of a direct query.*origin = '${airport}'`, 'g');

      // Three deliveries: two of them were cut short by a kill.
      assert.equal(verified.match(/✓ The manifest is signed by the operator/g)?.length, 3);
      assert.equal(verified.match(/ passed: /g)?.length, 3);
      assert.equal(verified.match(equal)?.length, 3);
    }
  });

  it('leaves nothing behind', () => {
    assert.deepEqual(readdirSync(place.folder), ['data']);
    assert.deepEqual(readdirSync(join(place.folder, 'data')), []);
  });

  it('leaves nothing behind either when it is interrupted', async () => {
    const { child, output } = startCommand(place, ['demo']);
    while (!output().includes('1. Two customers')) await once(child.stdout ?? child, 'data');
    const family = await familyOf(child.pid ?? 0);

    child.kill('SIGINT');
    const [exitCode] = await once(child, 'exit');

    assert.equal(exitCode, 130, output());
    assert.deepEqual(await waitUntilGone(family), []);
    assert.deepEqual(readdirSync(join(place.folder, 'data')), []);
  });
});
