import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CausewayError } from './errors.ts';
import { formatRoleArn, parseRoleArn } from './role-arn.ts';

const account = '222222222222';

describe('parseRoleArn()', () => {
  it('reads roles of any name and path, in every partition, and writes them as they were', () => {
    const roles = [
      ['arn:aws:iam::222222222222:role/causeway', '/', 'causeway'],
      ['arn:aws:iam::222222222222:role/data/exports/From_Vendor', '/data/exports/', 'From_Vendor'],
      ['arn:aws-cn:iam::222222222222:role/a+b=c,d.e@f-g', '/', 'a+b=c,d.e@f-g'],
      ['arn:aws-us-gov:iam::222222222222:role/service-role/x', '/service-role/', 'x'],
      ['arn:aws-eusc:iam::222222222222:role/team:data/x', '/team:data/', 'x'],
      [`arn:aws:iam::222222222222:role/${'n'.repeat(64)}`, '/', 'n'.repeat(64)],
    ] as const;

    for (const [arn, path, name] of roles) {
      const role = parseRoleArn(arn);
      assert.deepEqual([role.accountId, role.path, role.name], [account, path, name]);
      assert.equal(formatRoleArn(role), arn);
    }
  });

  it('refuses everything else, and says what it is', () => {
    const refused: [arn: string, reason: RegExp][] = [
      ['', /does not start with "arn:"/],
      ['role/causeway', /does not start with "arn:"/],
      [' arn:aws:iam::222222222222:role/x', /does not start with "arn:"/],
      ['ARN:aws:iam::222222222222:role/x', /does not start with "arn:"/],
      ['arn:aws-moon:iam::222222222222:role/x', /"aws-moon" is no partition/],
      ['arn:AWS:iam::222222222222:role/x', /"AWS" is no partition/],
      ['arn:aws:s3:::acme-data', /of "s3" and not of "iam"/],
      ['arn:aws:IAM::222222222222:role/x', /of "IAM" and not/],
      ['arn:aws:iam:eu-west-1:222222222222:role/x', /roles have no region/],
      ['arn:aws:iam::22222222222:role/x', /not an account of 12 digits/],
      ['arn:aws:iam::2222-2222-2222:role/x', /not an account of 12 digits/],
      ['arn:aws:iam::２２２２２２２２２２２２:role/x', /not an account of 12 digits/],
      ['arn:aws:iam::*:role/x', /not an account of 12 digits/],
      ['arn:aws:iam::222222222222:root', /an account, and not a role/],
      ['arn:aws:iam::222222222222:user/jo', /a user and not a role/],
      ['arn:aws:iam::222222222222:Role/x', /a Role and not a role/],
      ['arn:aws:iam::222222222222:role', /names no role/],
      ['arn:aws:iam::222222222222', /names no role/],
      ['arn:aws:sts::222222222222:assumed-role/x/me', /one session of a role.*:role\/x"/],
      ['arn:aws:sts::222222222222:federated-user/jo', /it is no role/],
      ['arn:aws:iam::222222222222:role/', /"" is not a name/],
      ['arn:aws:iam::222222222222:role/x,arn:aws:iam::222222222222:role/y', /more than one ARN/],
      ['arn:aws:iam::222222222222:role/x/', /"" is not a name/],
      ['arn:aws:iam::222222222222:role/x\n', /is not a name/],
      ['arn:aws:iam::222222222222:role/x*', /is not a name/],
      [`arn:aws:iam::222222222222:role/\${aws:username}`, /is not a name/],
      [`arn:aws:iam::222222222222:role/${'n'.repeat(65)}`, /is not a name/],
      ['arn:aws:iam::222222222222:role/a//x', /its path has the part ""/],
      ['arn:aws:iam::222222222222:role//x', /its path has the part ""/],
      ['arn:aws:iam::222222222222:role/a/../x', /its path has the part "\.\."/],
      ['arn:aws:iam::222222222222:role/a*/x', /its path has the part "a\*"/],
      [`arn:aws:iam::222222222222:role/${'p'.repeat(512)}/x`, /longer than 512/],
      ['arn:aws:iam::222222222222:role/aws-service-role/s3.amazonaws.com/x', /a service of AWS/],
      ['arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/x', /Identity Center/],
    ];

    for (const [arn, reason] of refused) {
      assert.throws(
        () => parseRoleArn(arn),
        (error) => CausewayError.is(error, 'invalid_role_arn') && reason.test(error.message),
        arn,
      );
    }
  });
});
