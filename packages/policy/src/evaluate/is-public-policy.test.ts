import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isPublicPolicy, parsePolicy } from '../index.ts';

function isPublic(statement: object): boolean {
  const document = {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: '*',
      ...statement,
    },
  };
  return isPublicPolicy(parsePolicy(document, { name: 'p', type: 'resource' }));
}

describe('isPublicPolicy()', () => {
  const when = (operator: string, key: string, ...values: string[]) => ({
    Condition: { [operator]: { [key]: values } },
  });
  const cases: [name: string, statement: object, expected: boolean][] = [
    ['an Allow for everyone', {}, true],
    ['an Allow for every AWS principal', { Principal: { AWS: '*' } }, true],
    ['an Allow for one account', { Principal: { AWS: '111111111111' } }, false],
    ['an Allow for an account and everyone', { Principal: { AWS: ['111111111111', '*'] } }, true],
    ['a Deny for everyone', { Effect: 'Deny' }, false],
    ['one network', when('IpAddress', 'aws:SourceIp', '203.0.113.0/24'), false],
    ['one address', when('IpAddress', 'aws:SourceIp', '203.0.113.9'), false],
    ['the whole internet as a network', when('IpAddress', 'aws:SourceIp', '0.0.0.0/1'), true],
    [
      'a wide network beside a narrow one',
      when('IpAddress', 'aws:SourceIp', '203.0.113.0/24', '0.0.0.0/0'),
      true,
    ],
    ['a wide network of IPv6', when('IpAddress', 'aws:SourceIp', '2000::/3'), true],
    ['all but one network', when('NotIpAddress', 'aws:SourceIp', '203.0.113.0/24'), true],
    ['one VPC', when('StringEquals', 'aws:SourceVpc', 'vpc-1'), false],
    ['one VPC by pattern', when('StringLike', 'aws:SourceVpc', 'vpc-*'), true],
    [
      'one VPC by variable',
      when('StringEquals', 'aws:SourceVpc', `\${aws:PrincipalTag/vpc}`),
      true,
    ],
    ['one VPC if there is any', when('StringEqualsIfExists', 'aws:SourceVpc', 'vpc-1'), true],
    [
      'one VPC for all values, even none',
      when('ForAllValues:StringEquals', 'aws:SourceVpc', 'vpc-1'),
      true,
    ],
    ['any VPC but one', when('StringNotEquals', 'aws:SourceVpc', 'vpc-1'), true],
    [
      'an access point of one account',
      when('ArnLike', 's3:DataAccessPointArn', 'arn:aws:s3:*:111111111111:accesspoint/*'),
      false,
    ],
    [
      'an access point of any account',
      when('ArnLike', 's3:DataAccessPointArn', 'arn:aws:s3:*:*:accesspoint/x'),
      true,
    ],
    [
      'a referrer, which anyone can send',
      when('StringEquals', 'aws:Referer', 'https://acme.example'),
      true,
    ],
    ['one organization', when('StringEquals', 'aws:PrincipalOrgID', 'o-abcdefghij'), false],
    ['any organization', when('StringLike', 'aws:PrincipalOrgID', 'o-*'), true],
    [
      'one role by its name, of which AWS does not say that it counts',
      when('ArnEquals', 'aws:PrincipalArn', 'arn:aws:iam::111111111111:role/reader'),
      true,
    ],
    ['TLS, which anyone can use', when('Bool', 'aws:SecureTransport', 'true'), true],
  ];
  for (const [name, statement, expected] of cases) {
    it(`${expected ? 'calls public' : 'does not call public'}: ${name}`, () => {
      assert.equal(isPublic(statement), expected);
    });
  }
});
