import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import {
  type Access,
  type CheckReport,
  type CheckStep,
  causeOf,
  isCauseCode,
} from '@causeway/contract';
import { diagnose } from '../diagnose/diagnose.ts';
import { type BrokenSetup, breakSetup } from '../testing/broken-setup.ts';
import { mendByDiagnosis, mendSetup } from '../testing/mend-setup.ts';
import { type OpenStage, openStage } from '../testing/open-stage.ts';
import { operator } from '../testing/sample-customer.ts';
import type { Site } from '../testing/site.ts';
import type { ExplainedFailure } from './explain-failure.ts';

/** Broken setups as data: to add one is to add an object to a file of `cases/`. */
interface CaseFile {
  readonly about: string;
  readonly access: Access;
  readonly cases: readonly BrokenSetup[];
}

let stage: OpenStage;
before(async () => {
  stage = await openStage();
});
after(() => stage?.close());

const faultsOf = (report: CheckReport) =>
  report.steps.filter(({ verdict }) => verdict === 'failed' || verdict === 'warned');

const lineOf = ({ id, verdict, cause }: CheckStep) => `${id}: ${verdict} ${cause}`;

const folder = new URL('./cases/', import.meta.url);

for (const file of readdirSync(folder)) {
  const { about, access, cases } = JSON.parse(
    readFileSync(new URL(file, folder), 'utf8'),
  ) as CaseFile;
  describe(`${file}: ${about}`, { concurrency: 4 }, () => {
    for (const broken of cases) {
      it(broken.name, async () => {
        const site = await breakSetup(stage, access, broken);

        const report = await stage.check(site);

        const faults = faultsOf(report);
        assert.deepEqual(faults.map(lineOf), broken.finds);
        assert.equal(report.outcome, broken.outcome);
        if (broken.trustPolicy) assertForetold(site, report);
        for (const fault of faults) assertExplained(site, fault);
        assertSame(await stage.write(site), faults);
        const [first] = faults;
        if (!broken.fix || !first) return;
        assert.equal(first.fix?.document, broken.fix.document);
        assert.ok(first.fix?.text.includes(broken.fix.says ?? ''), first.fix?.text);
        if (broken.mend === 'advice') return;
        await mendAll(site, report, broken.mend === 'pasted' ? mendByDiagnosis : mendSetup);
      });
    }
  });
}

const entry = [
  ['role.assume', 'assume the role with the external ID'],
  ['role.external_id_missing', 'assume the role without an external ID'],
  ['role.external_id_wrong', 'assume the role with another external ID'],
  ['web_identity.assume', 'assume the role with our token'],
  ['web_identity.subject_wrong', 'assume the role with a token for another subject'],
] as const;

/** What a trust policy does can be foretold from its text. */
function assertForetold({ connection, trustPolicy }: Site, report: CheckReport): void {
  const { demands } = diagnose(connection, { trustPolicy: JSON.stringify(trustPolicy) }, operator);
  for (const [id, question] of entry) {
    const verdict = report.steps.find((step) => step.id === id)?.verdict;
    const foretold = demands.find(({ what }) => what === question);
    if (verdict && verdict !== 'skipped')
      assert.equal(foretold?.holds, verdict === 'passed', question);
  }
}

/** Steps without which nothing is written. */
const writing: ReadonlySet<string> = new Set<CheckStep['id']>([
  'role.assume',
  'web_identity.assume',
  'key.valid',
  'object.write',
]);

/** A delivery that fails is told the same cause, side and fix as who checks the connection. */
function assertSame(failure: ExplainedFailure | null, faults: readonly CheckStep[]): void {
  const isOtherUser = faults.some(({ id }) => id === 'key.kind');
  const step = faults.find(({ id, verdict }) => verdict === 'failed' && writing.has(id));
  if (!step) return;
  assert.ok(failure, 'nothing is written');
  // What a policy demands of uploads is found out by trying: a delivery tries nothing.
  if (step.cause?.endsWith('_demanded')) assert.equal(failure.cause, 'explicit_deny');
  else {
    const { side, cause, fix } = step;
    assert.deepEqual([failure.side, failure.cause], [side, cause]);
    // Whose key it is, a check asks before it writes.
    if (!isOtherUser) assert.equal(failure.hint, fix?.text);
  }
}

/** Steps that put together what other calls said. */
const judgedByItself: ReadonlySet<string> = new Set<CheckStep['id']>([
  'issuer.keys',
  'key.kind',
  'key.age',
  'managed.settings',
  'managed.policy',
  'managed.policy_foreign',
  'managed.role',
]);

/** A fault says whose turn it is, what was found, what AWS said, and what to do. */
function assertExplained(
  { connection }: Site,
  { id, cause = '', side, message, fix, docs, evidence }: CheckStep,
): void {
  assert.ok(isCauseCode(cause), `${id} has the cause "${cause}", which is not in the catalogue`);
  assert.equal(side, connection.owner === 'operator' ? 'operator' : causeOf(cause).side);
  assert.equal(docs, `docs/checks.md#${cause}`);
  assert.ok(message.length > 20 && fix && fix.text.length > 20, `${id} is not explained`);
  if (!judgedByItself.has(id) && cause !== 'access_key_missing') {
    assert.ok(evidence?.operation, `${id} shows no evidence`);
  }
}

/** Mends what is found, one thing after the other, as one does who reads the report again. */
async function mendAll(
  site: Site,
  found: CheckReport,
  mend: (site: Site, step: CheckStep) => Promise<void>,
): Promise<void> {
  let report = found;
  for (let round = 0; round < 4; round++) {
    const [first] = faultsOf(report);
    if (!first) break;
    await mend(site, first);
    report = await stage.check(site);
  }
  assert.deepEqual(faultsOf(report).map(lineOf), []);
  assert.equal(report.outcome, 'healthy');
  if (site.connection.capabilities.includes('deliver')) {
    assert.equal(await stage.write(site), null, 'what checks well can be written to');
  }
}
