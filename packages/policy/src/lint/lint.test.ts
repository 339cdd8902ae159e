import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  accessDocuments,
  accessMethods,
  applyJsonPatch,
  type LintOptions,
  lint,
  lintRules,
  type PolicyKind,
} from '../index.ts';

interface CaseFile {
  readonly about: string;
  readonly type: PolicyKind;
  readonly context?: LintOptions['context'];
  readonly cases: readonly {
    readonly name: string;
    readonly why?: string;
    readonly document: object;
    readonly context?: LintOptions['context'];
    /** All that are found, in any order. */
    readonly findings: readonly {
      readonly code: string;
      readonly path: string;
      /** Parts of the texts. */
      readonly says?: string;
      readonly fix?: string;
      /** The document with the patch of this finding applied. */
      readonly patched?: object;
    }[];
  }[];
}

const folder = new URL('./cases/', import.meta.url);
const files = readdirSync(folder).map(
  (name) => [name, JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as CaseFile] as const,
);

for (const [file, { about, type, context, cases }] of files) {
  describe(`lint(), ${file}: ${about}`, () => {
    for (const each of cases) {
      it(each.name, () => {
        const options = { type, name: 'policy.json', context: { ...context, ...each.context } };

        const found = lint(JSON.stringify(each.document, null, 2), options);

        const placed = (list: readonly { code: string; path: string }[]) =>
          list.map(({ code, path }) => `${code} at ${path}`).toSorted();
        assert.deepEqual(placed(found), placed(each.findings));
        for (const { code, says = '', fix = '', patched } of each.findings) {
          const finding = found.find((one) => one.code === code);
          assert.ok(finding);
          assert.ok(finding.message.includes(says), finding.message);
          assert.ok(finding.fix.includes(fix), finding.fix);
          if (!patched) continue;
          assert.deepEqual(applyJsonPatch(each.document, finding.patch ?? []), patched);
          const after = lint(patched, options);
          assert.ok(!after.some((one) => one.code === code), 'the patch settles it');
        }
      });
    }
  });
}

describe('lint()', () => {
  it('has a case for every rule', () => {
    const found = files.flatMap(([, { cases }]) => cases.flatMap(({ findings }) => findings));
    const seen = new Set(found.map(({ code }) => code));

    assert.deepEqual(
      lintRules.map(({ code }) => code).filter((code) => !seen.has(code)),
      [],
    );
  });

  it('names every rule once', () => {
    const codes = lintRules.map(({ code }) => code);

    assert.equal(new Set(codes).size, codes.length);
  });

  it('gives line and column in text, and the path alone in objects', () => {
    const text =
      '{\n  "Version": "2012-10-17",\n  "Statement": [{\n    "Sid": "Read", "Effect": "Allow",\n    "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-data"\n  }]\n}';
    const options = { type: 'identity', name: 'policy.json' } as const;

    const [finding] = lint(text, options);
    const [withoutPlace] = lint(JSON.parse(text) as object, options);

    assert.deepEqual(
      [finding?.code, finding?.line, finding?.column, finding?.statement],
      ['object_action_on_bucket', 5, 15, 'statement "Read"'],
    );
    assert.equal(withoutPlace?.path, 'Statement[0].Action');
    assert.equal(withoutPlace?.line, undefined);
  });

  it('answers with one finding where AWS would refuse the document', () => {
    for (const text of ['', '{', '[]', '{"Statement":[]}', '{"Version":"2012-10-17"}']) {
      const findings = lint(text, { type: 'identity', name: 'policy.json' });

      assert.deepEqual(
        findings.map(({ code, severity, line }) => [code, severity, line]),
        [['not_a_policy', 'error', 1]],
      );
    }
  });

  it('has nothing to say about the documents that this package writes', () => {
    const key = 'arn:aws:kms:eu-west-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    let documents = 0;
    for (const access of accessMethods) {
      for (const capability of ['deliver', 'ingest', 'browse'] as const) {
        for (const kms of [{}, { kmsKeyArn: key }]) {
          const input = { ...given, ...kms, access, capabilities: [capability] };
          for (const { name, document } of accessDocuments(input)) {
            if (!('Statement' in document)) continue;
            documents++;
            const options = { type: kindOf(name), name, context: { capability, ...kms } };
            assert.deepEqual(lint(document, options), [], `${access} ${capability} ${name}`);
          }
        }
      }
    }
    assert.ok(documents > 60, String(documents));
  });
});

const given = {
  bucket: 'acme-data',
  prefix: 'causeway/',
  accountId: '222222222222',
  externalId: 'cw-3f9c1e0b7a5d4c2e8f6a9b0d1c2e3f4a',
  operatorPrincipals: ['arn:aws:iam::111111111111:role/causeway-assumer'],
  operatorAccountId: '111111111111',
  issuer: 'https://causeway.example.com',
  audience: 'sts.amazonaws.com',
  subject: 'connection:conn_1',
  confine: true,
};

function kindOf(name: string): PolicyKind {
  const kinds: Readonly<Record<string, PolicyKind>> = {
    trustPolicy: 'trust',
    bucketPolicy: 'resource',
    keyPolicy: 'key',
    permissionsBoundary: 'boundary',
    sessionPolicy: 'session',
  };
  return kinds[name] ?? 'identity';
}

describe('lint(), for any policy', () => {
  it('finds a place for everything, and its patches make policies again', () => {
    let patched = 0;
    fc.assert(
      fc.property(documents, fc.constantFrom(...kinds), (document, type) => {
        const options = { type, name: 'policy.json', context: { ...known } };
        const text = JSON.stringify(document);
        for (const { code, line = 0, column = 0, patch } of lint(text, options)) {
          assert.ok(line === 1 && column >= 1 && column <= text.length, code);
          if (!patch) continue;
          patched++;
          const after = lint(applyJsonPatch(document, patch) as object, options);
          assert.ok(
            after.every((finding) => finding.code !== 'not_a_policy'),
            code,
          );
        }
      }),
      { numRuns: 500 },
    );
    assert.ok(patched > 30, String(patched));
  });
});

const known = {
  bucket: 'acme-data',
  prefix: 'in/',
  externalId: 'cw-1',
  capability: 'deliver',
} as const;
const kinds = ['identity', 'resource', 'trust', 'session', 'boundary', 'key'] as const;
const some = (...values: string[]) =>
  fc.oneof(
    fc.constantFrom(...values),
    fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 }),
  );
const condition = fc
  .tuple(
    fc.constantFrom(
      'StringEquals',
      'StringLike',
      'ForAllValues:StringEquals',
      'Null',
      'StringNotEqualsIfExists',
    ),
    fc.constantFrom('sts:ExternalId', 's3:prefix', 'aws:SourceVpce', 's3:x-amz-acl', 's3:nonsense'),
    some('true', 'cw-1', 'in/*', '*', 'x'),
  )
  .map(([operator, key, values]) => ({ Condition: { [operator]: { [key]: values } } }));
const statement = fc
  .tuple(
    fc.constantFrom({ Effect: 'Allow' }, { Effect: 'Deny' }),
    some('s3:PutObject', 's3:GetObjcet', 's3:*', 's3:ListBucket', 'sts:AssumeRole', '*').map(
      (Action) => ({ Action }),
    ),
    fc.oneof(
      fc.constant({}),
      some('*', 'arn:aws:s3:::acme-data', 'arn:aws:s3:::acme-data/in*').map((Resource) => ({
        Resource,
      })),
    ),
    fc.oneof(
      fc.constant({}),
      fc.constant({ Principal: '*' }),
      some('111111111111', 'arn:aws:iam::111111111111:role/r').map((AWS) => ({
        Principal: { AWS },
      })),
      some('arn:aws:iam::111111111111:role/r').map((AWS) => ({ NotPrincipal: { AWS } })),
    ),
    fc.oneof(fc.constant({}), condition),
  )
  .map((parts) => Object.assign({}, ...parts) as object);
const documents = fc
  .tuple(
    fc.constantFrom({}, { Version: '2012-10-17' }, { Version: '2008-10-17' }),
    fc.oneof(statement, fc.array(statement, { minLength: 1, maxLength: 3 })),
  )
  .map(([version, Statement]) => ({ ...version, Statement }));
