import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { diagnose } from '../diagnose/diagnose.ts';
import { breakSetup } from '../testing/broken-setup.ts';
import { type OpenStage, openStage } from '../testing/open-stage.ts';
import { operator } from '../testing/sample-customer.ts';

let stage: OpenStage;
before(async () => {
  stage = await openStage();
});
after(() => stage?.close());

/** What many customers start with, and what works. */
const everything = {
  replace: {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 's3:*',
        Resource: ['arn:aws:s3:::{{bucket}}', 'arn:aws:s3:::{{bucket}}/*'],
      },
    ],
  },
};

describe('the smaller policy that a check offers after it has passed', () => {
  for (const access of ['role', 'web_identity', 'access_key'] as const) {
    for (const capability of ['deliver', 'ingest', 'browse'] as const) {
      it(`is enough for ${access} to ${capability}, and for nothing else`, async () => {
        const site = await breakSetup(stage, access, {
          name: 'wide',
          capabilities: [capability],
          permissionsPolicy: everything,
          finds: [],
          outcome: 'healthy',
        });

        const report = await stage.check(site);

        assert.equal(report.outcome, 'healthy');
        const scope = report.steps.find(({ id }) => id === 'scope');
        assert.equal(scope?.cause, 'scope_too_wide');
        const foretold = (policy: unknown) =>
          diagnose(site.connection, { permissionsPolicies: [JSON.stringify(policy)] }, operator);
        assert.equal(foretold(site.permissionsPolicy).verdict, 'insecure');
        const offered = foretold(scope.fix?.policy);
        assert.deepEqual(
          offered.demands.filter(({ holds }) => !holds),
          [],
        );
        assert.equal(offered.verdict, 'works');
        assert.ok(offered.demands.some(({ must }) => must === 'refuse'));
      });
    }
  }

  for (const access of ['bucket_policy', 'operator_role'] as const) {
    it(`is for ${access} the one that provisioning makes`, async () => {
      const site = await breakSetup(stage, access, {
        name: 'wide',
        capabilities: ['ingest'],
        bucketPolicyGains: [
          {
            Sid: 'Wide',
            Effect: 'Allow',
            Principal: { AWS: 'arn:aws:iam::{{customerAccountId}}:root' },
            Action: 's3:*',
            Resource: 'arn:aws:s3:::{{bucket}}/*',
          },
        ],
        finds: [],
        outcome: 'healthy',
      });

      const report = await stage.check(site);

      assert.equal(report.outcome, 'healthy');
      const faults = report.steps.filter(({ verdict }) => verdict === 'warned');
      assert.deepEqual(
        faults.map(({ cause }) => cause),
        ['managed_policy_extended'],
      );
      const guide = site.guide.documents.find(({ name }) => name === 'bucketPolicy');
      assert.deepEqual(faults[0]?.fix?.policy, guide?.document);
    });
  }
});
