import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type PolicyKind, PolicySyntaxError, parsePolicy } from '../index.ts';

const read = {
  Effect: 'Allow',
  Action: 's3:GetObject',
  Resource: 'arn:aws:s3:::acme-data/*',
} as const;
const assume = { Effect: 'Allow', Principal: { AWS: '111111111111' }, Action: 'sts:AssumeRole' };
const policy = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });

function refusal(document: string | object, type: PolicyKind = 'identity'): PolicySyntaxError {
  try {
    parsePolicy(document, { name: 'acme-policy', type });
  } catch (error) {
    assert.ok(error instanceof PolicySyntaxError, String(error));
    return error;
  }
  return assert.fail('the policy was accepted');
}

describe('parsePolicy()', () => {
  it('reads text and objects to the same policy', () => {
    const document = policy({ Sid: 'Read', ...read });

    const fromText = parsePolicy(JSON.stringify(document, null, 2), {
      name: 'p',
      type: 'identity',
    });
    const fromObject = parsePolicy(document, { name: 'p', type: 'identity' });

    assert.deepEqual(fromText, fromObject);
    assert.deepEqual(fromText, {
      name: 'p',
      version: '2012-10-17',
      statements: [
        {
          sid: 'Read',
          effect: 'Allow',
          action: { not: false, patterns: ['s3:GetObject'] },
          resource: { not: false, patterns: ['arn:aws:s3:::acme-data/*'] },
          conditions: [],
        },
      ],
    });
  });

  it('keeps the id, the conditions and the kinds of principal', () => {
    const document = {
      Version: '2008-10-17',
      Id: 'acme',
      Statement: {
        ...read,
        Principal: { AWS: ['*', '111111111111'], Service: 's3.amazonaws.com' },
        Condition: {
          Bool: { 'aws:SecureTransport': true },
          NumericLessThan: { 's3:max-keys': 10 },
        },
      },
    };

    const parsed = parsePolicy(document, { name: 'p', type: 'resource' });

    assert.equal(parsed.id, 'acme');
    assert.equal(parsed.version, '2008-10-17');
    assert.deepEqual(parsed.statements[0]?.principal, {
      not: false,
      anyone: false,
      aws: ['*', '111111111111'],
      service: ['s3.amazonaws.com'],
      federated: [],
      canonicalUser: [],
    });
    assert.deepEqual(parsed.statements[0]?.conditions, [
      { operator: 'Bool', key: 'aws:SecureTransport', values: ['true'] },
      { operator: 'NumericLessThan', key: 's3:max-keys', values: ['10'] },
    ]);
  });

  it('takes a policy without a version for one of 2008-10-17, as AWS does', () => {
    assert.equal(
      parsePolicy({ Statement: read }, { name: 'p', type: 'identity' }).version,
      '2008-10-17',
    );
  });

  it('accepts text with a byte order mark, as Windows editors save it', () => {
    const text = `\uFEFF${JSON.stringify(policy(read))}`;

    assert.equal(parsePolicy(text, { name: 'p', type: 'identity' }).statements.length, 1);
  });

  it('accepts the unique ID that a deleted role leaves behind', () => {
    const trust = policy({ ...assume, Principal: { AWS: 'AROAEXAMPLEDELETED000' } });

    assert.equal(parsePolicy(trust, { name: 'p', type: 'trust' }).statements.length, 1);
  });
});

describe('parsePolicy() on text that is not well-formed', () => {
  const cases: [name: string, text: string, line: number, column: number, found: RegExp][] = [
    ['a missing bracket', '{"Version": "2012-10-17"', 1, 25, /found the end of the text/],
    ['a trailing comma', '{"Version": "2012-10-17",\n}', 2, 1, /found "}"/],
    ['single quotes', "{'Version': 1}", 1, 2, /found "'"/],
    ['text after the end', '{} {}', 1, 4, /found "{"/],
    ['no text at all', '', 1, 1, /found the end of the text/],
    ['a string without an end', '{"Version": "2012', 1, 13, /string without an end/],
    ['a line break in a string', '{"Version": "2012\n"}', 1, 13, /control character/],
    ['a missing colon', '{"Version" "x"}', 1, 12, /found "\\""/],
    [
      'a repeated key',
      '{"Statement": [{"Effect": "Allow",\n  "Effect": "Deny"}]}',
      2,
      3,
      /found "Effect" a second time/,
    ],
    ['a key repeated by an escape', '{"Id": "a", "\\u0049d": "b"}', 1, 13, /"Id" a second time/],
    ['nesting without end', '['.repeat(100_000), 1, 34, /more than 32 nested levels/],
  ];
  for (const [name, text, line, column, found] of cases) {
    it(`points at ${name}`, () => {
      const error = refusal(text);

      assert.deepEqual([error.line, error.column], [line, column], error.message);
      assert.match(error.message, found);
      assert.match(error.message, /^Cannot read acme-policy/);
    });
  }

  it('gives no line for an object, in which there is none', () => {
    const error = refusal({ Version: '2012-10-17', Statement: [{ ...read, Effect: 'allow' }] });

    assert.equal(error.line, undefined);
    assert.equal(error.path, 'Statement[0].Effect');
    assert.equal(
      error.message,
      'Cannot read acme-policy at Statement[0].Effect: found the effect "allow". Write "Effect": "Allow" or "Effect": "Deny"',
    );
  });

  it('refuses an object that cannot be JSON', () => {
    const cycle: { self?: object } = {};
    cycle.self = cycle;

    assert.match(refusal(cycle).message, /not JSON/);
  });
});

describe('parsePolicy() on documents that AWS refuses', () => {
  const cases: [name: string, type: PolicyKind, document: object, path: string, found: RegExp][] = [
    ['a list', 'identity', [], '', /found a list/],
    [
      'an unknown version',
      'identity',
      { Version: '2024-01-01', Statement: read },
      'Version',
      /"2024-01-01".*"2012-10-17"/,
    ],
    [
      'a version of another type',
      'identity',
      { Version: 2012, Statement: read },
      'Version',
      /2012/,
    ],
    ['no statement', 'identity', { Version: '2012-10-17' }, '', /no element "Statement"/],
    ['an empty list of statements', 'identity', policy(), 'Statement', /no statement/],
    [
      'a statement that is no object',
      'identity',
      { Statement: ['x'] },
      'Statement[0]',
      /found "x"/,
    ],
    ['an unknown element', 'identity', { ...policy(read), Comment: 'x' }, 'Comment', /"Comment"/],
    [
      'an unknown element of a statement',
      'identity',
      policy({ ...read, Pincipal: '*' }),
      'Statement[0].Pincipal',
      /"Pincipal"/,
    ],
    [
      'an element in other letter case',
      'identity',
      policy({ ...read, condition: {} }),
      'Statement[0].condition',
      /Write "Condition"/,
    ],
    [
      'no effect',
      'identity',
      policy({ Action: '*', Resource: '*' }),
      'Statement[0]',
      /no element "Effect"/,
    ],
    [
      'no action',
      'identity',
      policy({ Effect: 'Allow', Resource: '*' }),
      'Statement[0]',
      /no element "Action"/,
    ],
    [
      'both Action and NotAction',
      'identity',
      policy({ ...read, NotAction: 's3:*' }),
      'Statement[0].NotAction',
      /both "Action" and "NotAction"/,
    ],
    [
      'an empty list of actions',
      'identity',
      policy({ ...read, Action: [] }),
      'Statement[0].Action',
      /empty list/,
    ],
    [
      'an action without a service',
      'identity',
      policy({ ...read, Action: ['s3:GetObject', 'PutObject'] }),
      'Statement[0].Action[1]',
      /"PutObject"/,
    ],
    [
      'an action that is no string',
      'identity',
      policy({ ...read, Action: 5 }),
      'Statement[0].Action',
      /found 5/,
    ],
    [
      'no resource',
      'identity',
      policy({ Effect: 'Allow', Action: '*' }),
      'Statement[0]',
      /no element "Resource"/,
    ],
    [
      'a resource that is no ARN',
      'identity',
      policy({ ...read, Resource: 'acme-data/*' }),
      'Statement[0].Resource',
      /"acme-data\/\*"/,
    ],
    [
      'a resource of too few parts',
      'identity',
      policy({ ...read, Resource: 'arn:aws:s3:acme' }),
      'Statement[0].Resource',
      /six parts/,
    ],
    [
      'a principal in an identity policy',
      'identity',
      policy({ ...read, Principal: '*' }),
      'Statement[0].Principal',
      /already belongs to a principal/,
    ],
    [
      'a principal in a session policy',
      'session',
      policy({ ...read, Principal: '*' }),
      'Statement[0].Principal',
      /already belongs/,
    ],
    [
      'a principal in a service control policy',
      'service-control',
      policy({ ...read, NotPrincipal: '*' }),
      'Statement[0].NotPrincipal',
      /already belongs/,
    ],
    [
      'a Sid with a space',
      'identity',
      policy({ ...read, Sid: 'Read all' }),
      'Statement[0].Sid',
      /letters and digits/,
    ],
    [
      'a Sid used twice',
      'identity',
      policy({ ...read, Sid: 'A' }, { ...read, Sid: 'A' }),
      'Statement[1]',
      /"A" a second time/,
    ],
    [
      'an unknown operator',
      'identity',
      policy({ ...read, Condition: { StringIs: {} } }),
      'Statement[0].Condition.StringIs',
      /Use one of StringEquals/,
    ],
    [
      'an operator in other letter case',
      'identity',
      policy({ ...read, Condition: { stringEqualsIfExists: {} } }),
      'Statement[0].Condition.stringEqualsIfExists',
      /Write "StringEquals"/,
    ],
    [
      'Null with IfExists',
      'identity',
      policy({ ...read, Condition: { NullIfExists: {} } }),
      'Statement[0].Condition.NullIfExists',
      /no IfExists form/,
    ],
    [
      'a condition that is no object',
      'identity',
      policy({ ...read, Condition: [] }),
      'Statement[0].Condition',
      /found a list/,
    ],
    [
      'a condition value that is null',
      'identity',
      policy({ ...read, Condition: { StringEquals: { 'aws:k': null } } }),
      'Statement[0].Condition.StringEquals.aws:k',
      /found null/,
    ],
    [
      'a bucket policy without a principal',
      'resource',
      policy(read),
      'Statement[0]',
      /no element "Principal"/,
    ],
    [
      'NotPrincipal with Allow',
      'resource',
      policy({ ...read, NotPrincipal: { AWS: '111111111111' } }),
      'Statement[0].NotPrincipal',
      /open the resource to the world/,
    ],
    [
      'a pattern in part of a principal',
      'resource',
      policy({ ...read, Principal: { AWS: 'arn:aws:iam::111111111111:role/*' } }),
      'Statement[0].Principal.AWS',
      /no patterns for part of a principal/,
    ],
    [
      'a principal that is a bare string',
      'resource',
      policy({ ...read, Principal: '111111111111' }),
      'Statement[0].Principal',
      /"111111111111"/,
    ],
    [
      'an empty principal',
      'resource',
      policy({ ...read, Principal: {} }),
      'Statement[0].Principal',
      /an object/,
    ],
    [
      'a principal of unknown kind',
      'resource',
      policy({ ...read, Principal: { Aws: '*' } }),
      'Statement[0].Principal.Aws',
      /Write "AWS"/,
    ],
    [
      'an account of eleven digits',
      'resource',
      policy({ ...read, Principal: { AWS: ['11111111111'] } }),
      'Statement[0].Principal.AWS[0]',
      /12 digits/,
    ],
    [
      'a trust policy without a principal',
      'trust',
      policy({ Effect: 'Allow', Action: 'sts:AssumeRole' }),
      'Statement[0]',
      /no element "Principal"/,
    ],
    [
      'a resource in a trust policy',
      'trust',
      policy({ ...assume, Resource: '*' }),
      'Statement[0].Resource',
      /the resource is the role itself/,
    ],
    [
      'an action of S3 in a trust policy',
      'trust',
      policy({ ...assume, Action: 's3:GetObject' }),
      'Statement[0].Action',
      /permissions policy/,
    ],
    [
      'a pattern for the service of an action',
      'identity',
      policy({ ...read, Action: 's*:GetObject' }),
      'Statement[0].Action',
      /whose service is a pattern/,
    ],
    [
      'a pattern for the service of a resource',
      'identity',
      policy({ ...read, Resource: 'arn:aws:*:::acme-data' }),
      'Statement[0].Resource',
      /whose service is no name/,
    ],
    [
      'a resource without a service',
      'identity',
      policy({ ...read, Resource: 'arn:aws::::acme-data' }),
      'Statement[0].Resource',
      /whose service is no name/,
    ],
    [
      'a partition that AWS does not have',
      'identity',
      policy({ ...read, Resource: 'arn:amazon:s3:::acme-data/*' }),
      'Statement[0].Resource',
      /partition "amazon"/,
    ],
    [
      'a condition key without a service',
      'identity',
      policy({ ...read, Condition: { StringEquals: { SourceIp: '192.0.2.1' } } }),
      'Statement[0].Condition.StringEquals.SourceIp',
      /condition key "SourceIp"/,
    ],
    [
      'a group as a principal',
      'resource',
      policy({ ...read, Principal: { AWS: 'arn:aws:iam::111111111111:group/all' } }),
      'Statement[0].Principal.AWS',
      /group\/all/,
    ],
    [
      'a service as a principal without its domain',
      'resource',
      policy({ ...read, Principal: { Service: 's3' } }),
      'Statement[0].Principal.Service',
      /"s3"/,
    ],
    [
      'an identity provider that is a role',
      'trust',
      policy({ ...assume, Principal: { Federated: 'arn:aws:iam::111111111111:role/x' } }),
      'Statement[0].Principal.Federated',
      /identity provider/,
    ],
    [
      'a canonical user in a trust policy',
      'trust',
      policy({ ...assume, Principal: { CanonicalUser: 'a'.repeat(64) } }),
      'Statement[0].Principal.CanonicalUser',
      /S3 alone/,
    ],
    [
      'a canonical user of another form',
      'resource',
      policy({ ...read, Principal: { CanonicalUser: 'acme' } }),
      'Statement[0].Principal.CanonicalUser',
      /64 hexadecimal/,
    ],
    [
      'a VPC endpoint policy without a principal',
      'endpoint',
      policy(read),
      'Statement[0]',
      /no element "Principal"/,
    ],
    ['a key policy without a principal', 'key', policy(read), 'Statement[0]', /"Principal"/],
    [
      'all actions in a resource control policy',
      'resource-control',
      policy({ Effect: 'Deny', Action: '*', Resource: '*', Principal: '*' }),
      'Statement[0]',
      /all actions/,
    ],
    [
      'NotAction in a resource control policy',
      'resource-control',
      policy({ Effect: 'Deny', NotAction: 's3:*', Resource: '*', Principal: '*' }),
      'Statement[0]',
      /"NotAction"/,
    ],
    [
      'a resource control policy for one principal',
      'resource-control',
      policy({ ...read, Effect: 'Deny', Principal: { AWS: '111111111111' } }),
      'Statement[0]',
      /other than "\*"/,
    ],
    [
      'a resource control policy that allows',
      'resource-control',
      policy({ ...read, Principal: '*' }),
      'Statement[0]',
      /Allow other than of everything/,
    ],
  ];
  for (const [name, type, document, path, found] of cases) {
    it(`refuses ${name}`, () => {
      const error = refusal(document, type);

      assert.equal(error.path, path);
      assert.match(error.message, found);
      assert.match(error.hint, /^[A-Z]/);
    });
  }

  const many = (count: number) => Array.from({ length: count }, (_, i) => `arn:aws:s3:::b/${i}/*`);
  const sizes: [type: PolicyKind, fits: object, exceeds: object][] = [
    ['session', policy({ ...read, Resource: many(60) }), policy({ ...read, Resource: many(100) })],
    [
      'identity',
      policy({ ...read, Resource: many(400) }),
      policy({ ...read, Resource: many(600) }),
    ],
    [
      'boundary',
      policy({ ...read, Resource: many(250) }),
      policy({ ...read, Resource: many(400) }),
    ],
    [
      'resource',
      policy({ ...read, Principal: '*', Resource: many(800) }),
      policy({ ...read, Principal: '*', Resource: many(1200) }),
    ],
    [
      'service-control',
      policy({ ...read, Resource: many(200) }),
      policy({ ...read, Resource: many(300) }),
    ],
    [
      'resource-control',
      policy({ ...read, Effect: 'Deny', Principal: '*', Resource: many(200) }),
      policy({ ...read, Effect: 'Deny', Principal: '*', Resource: many(300) }),
    ],
    [
      'endpoint',
      policy({ ...read, Principal: '*', Resource: many(800) }),
      policy({ ...read, Principal: '*', Resource: many(1200) }),
    ],
    [
      'key',
      policy({ ...read, Principal: '*', Resource: many(1400) }),
      policy({ ...read, Principal: '*', Resource: many(1900) }),
    ],
    [
      'trust',
      policy({ ...assume, Condition: { StringEquals: { 'sts:ExternalId': many(75) } } }),
      policy({ ...assume, Condition: { StringEquals: { 'sts:ExternalId': many(120) } } }),
    ],
  ];
  for (const [type, fits, exceeds] of sizes) {
    it(`refuses a ${type} policy longer than AWS accepts`, () => {
      assert.doesNotThrow(() => parsePolicy(fits, { name: 'p', type }));
      assert.match(refusal(exceeds, type).message, /more than the [\d]+ (characters|bytes)/);
    });
  }

  it('counts the bytes of a bucket policy, not its letters', () => {
    const wide = policy({
      ...read,
      Principal: '*',
      Resource: `arn:aws:s3:::b/${'ä'.repeat(11_000)}`,
    });

    assert.match(refusal(wide, 'resource').message, /bytes/);
  });

  it('does not count the spaces of an identity policy', () => {
    const text = JSON.stringify(policy(read), null, 10).replaceAll('\n', '\n'.repeat(2000));

    assert.doesNotThrow(() => parsePolicy(text, { name: 'p', type: 'identity' }));
  });

  it('does not even read text beyond all limits', () => {
    assert.match(refusal(' '.repeat(300_000)).message, /found 300000 characters/);
  });
});

describe('parsePolicy() by how an identity policy is attached', () => {
  const ofLength = (characters: number) => {
    const empty = JSON.stringify(policy({ ...read, Resource: 'arn:aws:s3:::b/' })).length;
    return policy({ ...read, Resource: `arn:aws:s3:::b/${'x'.repeat(characters - empty)}` });
  };
  const cases = [
    ['managed', 6144],
    ['role', 10_240],
    ['group', 5120],
    ['user', 2048],
  ] as const;
  for (const [attachedAs, limit] of cases) {
    it(`accepts ${limit} characters as ${attachedAs}, and not one more`, () => {
      const options = { name: 'p', type: 'identity', attachedAs } as const;

      parsePolicy(ofLength(limit), options);
      assert.throws(() => parsePolicy(ofLength(limit + 1), options), /more than the/);
    });
  }

  it('does not count the spaces between, as IAM does not', () => {
    const text = JSON.stringify(ofLength(2048), null, 40);

    parsePolicy(text, { name: 'p', type: 'identity', attachedAs: 'user' });
  });

  it('counts every character of a policy of the organization, as Organizations does', () => {
    const text = JSON.stringify(ofLength(5120));

    parsePolicy(text, { name: 'p', type: 'service-control' });
    assert.throws(() => parsePolicy(` ${text}`, { name: 'p', type: 'service-control' }), /5121/);
  });
});

describe('parsePolicy() of the policy of a bucket', () => {
  const statement = { Effect: 'Allow', Principal: '*' };
  const onBucket = 'arn:aws:s3:::acme-data';
  const parse = (...statements: object[]) =>
    parsePolicy(policy(...statements), { name: 'p', type: 'resource', bucket: 'acme-data' });

  const accepted: [name: string, statement: object][] = [
    ['an object action on objects', { Action: 's3:GetObject', Resource: `${onBucket}/*` }],
    ['a bucket action on the bucket', { Action: 's3:ListBucket', Resource: onBucket }],
    [
      'both kinds of action on both',
      { Action: ['s3:ListBucket', 's3:Get*'], Resource: [onBucket, `${onBucket}/a/*`] },
    ],
    ['all of S3 on objects alone', { Action: 's3:*', Resource: `${onBucket}/*` }],
    ['all actions', { Action: '*', Resource: onBucket }],
    ['a pattern for bucket and objects', { Action: 's3:ListBucket', Resource: `${onBucket}*` }],
    [
      'NotAction, of which something is always left',
      { NotAction: 's3:GetObject', Resource: onBucket },
    ],
    ['a bucket of another partition', { Action: 's3:*', Resource: 'arn:aws-cn:s3:::acme-data' }],
  ];
  for (const [name, rest] of accepted) {
    it(`accepts ${name}`, () =>
      assert.equal(parse({ ...statement, ...rest }).statements.length, 1));
  }

  const mismatch = 'Action does not apply to any resource(s) in statement';
  const refused: [name: string, statement: object, path: string, awsMessage: string][] = [
    [
      'an object action on the bucket',
      { Action: 's3:GetObject', Resource: onBucket },
      'Statement[0].Action',
      mismatch,
    ],
    [
      'a bucket action among others on objects',
      { Action: ['s3:GetObject', 's3:ListBucket'], Resource: `${onBucket}/*` },
      'Statement[0].Action[1]',
      mismatch,
    ],
    [
      'an action of the account',
      { Action: 's3:ListAllMyBuckets', Resource: [onBucket, `${onBucket}/*`] },
      'Statement[0].Action',
      mismatch,
    ],
    [
      'a misspelt action',
      { Action: 's3:GetObjects', Resource: `${onBucket}/*` },
      'Statement[0].Action',
      'Policy has invalid action',
    ],
    [
      'an action of another service',
      { Action: 'sqs:SendMessage', Resource: `${onBucket}/*` },
      'Statement[0].Action',
      'Policy has invalid action',
    ],
    [
      'another bucket',
      { Action: 's3:GetObject', Resource: [`${onBucket}/*`, 'arn:aws:s3:::globex-data/*'] },
      'Statement[0].Resource[1]',
      'Policy has invalid resource',
    ],
    [
      'a bucket whose name begins alike',
      { Action: 's3:ListBucket', Resource: `${onBucket}-2` },
      'Statement[0].Resource',
      'Policy has invalid resource',
    ],
    [
      'every resource',
      { Action: 's3:*', Resource: '*' },
      'Statement[0].Resource',
      'Policy has invalid resource',
    ],
    [
      'no principal',
      { Action: 's3:*', Resource: onBucket, Principal: undefined },
      'Statement[0]',
      'Missing required field Principal',
    ],
    [
      'no effect',
      { Action: 's3:*', Resource: onBucket, Effect: undefined },
      'Statement[0]',
      'Missing required field Effect',
    ],
    [
      'a principal that is no principal',
      { Action: 's3:*', Resource: onBucket, Principal: { AWS: 'acme' } },
      'Statement[0].Principal.AWS',
      'Invalid principal in policy',
    ],
    [
      'an unknown condition key',
      { Action: 's3:*', Resource: onBucket, Condition: { Bool: { SecureTransport: 'true' } } },
      'Statement[0].Condition.Bool.SecureTransport',
      'Policy has an invalid condition key',
    ],
  ];
  for (const [name, rest, path, awsMessage] of refused) {
    it(`refuses ${name}: ${awsMessage}`, () => {
      assert.throws(
        () => parse({ ...statement, ...rest }),
        (error: unknown) =>
          error instanceof PolicySyntaxError &&
          error.path === path &&
          error.awsMessage === awsMessage,
      );
    });
  }
});
