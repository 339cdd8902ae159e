import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type PolicyKind, PolicySyntaxError, parsePolicy } from './index.ts';

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
      policy({ ...read, Condition: { StringEquals: { k: null } } }),
      'Statement[0].Condition.StringEquals.k',
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
      'trust',
      policy({ ...assume, Condition: { StringEquals: { 'sts:ExternalId': many(150) } } }),
      policy({ ...assume, Condition: { StringEquals: { 'sts:ExternalId': many(250) } } }),
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
