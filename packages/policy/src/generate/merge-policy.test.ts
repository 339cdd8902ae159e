import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  customerBucketPolicy,
  customerKeyPolicy,
  managedBucketPolicy,
  mergeBucketPolicy,
  mergeKeyPolicy,
  parsePolicy,
} from '../index.ts';

const place = { bucket: 'acme-data', prefix: 'causeway/', capabilities: ['deliver'] } as const;
const principalArn = 'arn:aws:iam::222222222222:role/causeway';
const ours = customerBucketPolicy({ ...place, principalArn });
const sids = ['CausewayWrite', 'CausewayList', 'CausewayVerify'];

const theirs = `{
    "Id": "Policy1657921651068",
    "Version": "2008-10-17",
    "Statement": {
        "Principal": "*",
        "Sid": "Only over TLS",
        "Effect": "Deny",
        "Action": "s3:*",
        "Condition": { "NumericLessThan": { "s3:TlsVersion": 1.20 } },
        "Resource": ["arn:aws:s3:::acme-data/*"]
    }
}`;

interface Shape {
  readonly Statement: readonly { readonly Sid?: string }[];
}

describe('mergeBucketPolicy()', () => {
  it('is our policy where there is none', () => {
    for (const nothing of [null, '', '  \n']) {
      const { document, added, replaced } = mergeBucketPolicy(nothing, ours);

      assert.deepEqual(document, ours);
      assert.deepEqual(added, sids);
      assert.deepEqual(replaced, []);
    }
  });

  it('adds to the end, and leaves Id, version, order and values as they are', () => {
    const { document, text, added } = mergeBucketPolicy(theirs, ours);

    assert.deepEqual(Object.keys(document), ['Id', 'Version', 'Statement']);
    assert.equal(document['Version'], '2008-10-17');
    const statements = (document as unknown as Shape).Statement;
    assert.deepEqual(
      statements.map(({ Sid }) => Sid),
      ['Only over TLS', ...sids],
    );
    assert.equal(
      JSON.stringify(statements[0]),
      '{"Principal":"*","Sid":"Only over TLS","Effect":"Deny","Action":"s3:*","Condition":{"NumericLessThan":{"s3:TlsVersion":"1.20"}},"Resource":["arn:aws:s3:::acme-data/*"]}',
    );
    assert.deepEqual(added, sids);
    assert.match(text, /^\{\n {4}"Id"/);
    assert.deepEqual(JSON.parse(text), document);
  });

  it('replaces our own statement in its place', () => {
    const before = mergeBucketPolicy(
      theirs,
      customerBucketPolicy({ ...place, prefix: 'old/', principalArn }),
    );
    const own = { Sid: 'Later', Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: '*' };
    const existing = before.document as unknown as Shape;
    const grown = { ...existing, Statement: [...existing.Statement, own] };

    const { document, added, replaced } = mergeBucketPolicy(grown, ours);

    assert.deepEqual(
      (document as unknown as Shape).Statement.map(({ Sid }) => Sid),
      ['Only over TLS', ...sids, 'Later'],
    );
    assert.deepEqual(added, []);
    assert.deepEqual(replaced, sids);
    assert.doesNotMatch(JSON.stringify(document), /old\//);
  });

  it('gives the very same text back when all is there already', () => {
    const once = mergeBucketPolicy(theirs, ours);
    const reordered = JSON.stringify(once.document).replace(
      '"Sid":"CausewayWrite","Effect":"Allow"',
      '"Effect":"Allow","Sid":"CausewayWrite"',
    );

    const again = mergeBucketPolicy(reordered, ours);

    assert.equal(again.text, reordered);
    assert.deepEqual(again.unchanged, sids);
  });

  it('keeps connections to one bucket apart by their label', () => {
    const second = customerBucketPolicy({
      ...place,
      prefix: 'b/',
      principalArn,
      label: 'conn8fK2',
    });

    const { document, replaced } = mergeBucketPolicy({ ...ours }, second);

    assert.deepEqual(replaced, []);
    assert.equal((document as unknown as Shape).Statement.length, 6);
  });

  it('raises the version only when ours need it', () => {
    const literal = customerBucketPolicy({ ...place, prefix: 'a*b/', principalArn });

    assert.equal(mergeBucketPolicy(theirs, literal).document['Version'], '2012-10-17');
    const unversioned = theirs.replace('"Version": "2008-10-17",', '');
    assert.deepEqual(Object.keys(mergeBucketPolicy(unversioned, literal).document)[0], 'Version');
    assert.equal('Version' in mergeBucketPolicy(unversioned, ours).document, false);
  });

  it('never gives a meaning to what was plain text', () => {
    const literal = customerBucketPolicy({ ...place, prefix: 'a*b/', principalArn });
    const plain = theirs.replace('acme-data/*', `acme-data/\${aws:username}/*`);

    assert.throws(() => mergeBucketPolicy(plain, literal), {
      name: 'PolicyInputError',
      message: /would be a variable/,
    });
    assert.equal(mergeBucketPolicy(plain, ours).document['Version'], '2008-10-17');
  });

  it('is written without spaces when only that keeps it within 20 KB, and refuses beyond', () => {
    const filled = (count: number) =>
      JSON.stringify(
        {
          Version: '2012-10-17',
          Statement: Array.from({ length: count }, (_, index) => ({
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:PutObject',
            Resource: `arn:aws:s3:::acme-data/folder-${index}/*`,
          })),
        },
        null,
        1,
      );
    const tight = filled(150);
    assert.ok(tight.length <= 20_480 && tight.length + JSON.stringify(ours).length > 20_480);

    const { text } = mergeBucketPolicy(tight, ours);

    assert.ok(!text.includes('\n') && text.length <= 20_480);
    const compact = JSON.stringify(JSON.parse(filled(188)));
    assert.throws(() => mergeBucketPolicy(compact, ours), {
      name: 'PolicyInputError',
      message: /bucket policy of \d+ bytes, and AWS accepts 20480/,
    });
  });

  it('says where the existing policy is malformed', () => {
    const twice = theirs.replace('"Effect": "Deny"', '"Effect": "Deny", "Effect": "Allow"');

    assert.throws(() => mergeBucketPolicy(twice, ours), {
      name: 'PolicySyntaxError',
      message: /the existing bucket policy at .*\(line 7, column \d+\)/,
    });
    assert.throws(() => mergeBucketPolicy('[]', ours), { name: 'PolicySyntaxError' });
    assert.throws(() => mergeBucketPolicy({ Statement: [{}] }, ours), {
      name: 'PolicySyntaxError',
    });
  });

  it('keeps every foreign statement, is valid, and is the same when repeated', () => {
    const name = fc.constantFrom(...sids, 'Theirs', 'Another', 'causewaywrite');
    const statement = fc.record(
      {
        Sid: name,
        Effect: fc.constantFrom('Allow', 'Deny'),
        Principal: fc.constantFrom('*', { AWS: '222222222222' }, { AWS: [principalArn] }),
        Action: fc.constantFrom('s3:GetObject', ['s3:GetObject', 's3:PutObject']),
        Resource: fc.constantFrom('arn:aws:s3:::acme-data/*', ['arn:aws:s3:::acme-data/x']),
      },
      { requiredKeys: ['Effect', 'Principal', 'Action', 'Resource'] },
    );
    const documents = fc.record(
      {
        Version: fc.constantFrom('2012-10-17', '2008-10-17'),
        Id: fc.constant('mine'),
        Statement: fc.uniqueArray(statement, {
          minLength: 1,
          maxLength: 6,
          selector: ({ Sid }) => Sid ?? Symbol(),
        }),
      },
      { requiredKeys: ['Statement'] },
    );
    fc.assert(
      fc.property(documents, fc.boolean(), (generated, asText) => {
        const existing = JSON.parse(JSON.stringify(generated)) as typeof generated;
        const once = mergeBucketPolicy(asText ? JSON.stringify(existing) : existing, ours);
        const twice = mergeBucketPolicy(asText ? once.text : once.document, ours);
        const isOurs = ({ Sid }: { Sid?: string }) => sids.includes(Sid ?? '');

        parsePolicy(once.text, { name: 'merged', type: 'resource' });
        assert.deepEqual(twice.document, once.document);
        assert.deepEqual(twice.unchanged, sids);
        assert.deepEqual(
          (once.document as unknown as Shape).Statement.filter((item) => !isOurs(item)),
          existing.Statement.filter((item) => !isOurs(item)),
        );
        assert.deepEqual(
          [...once.added, ...once.replaced, ...once.unchanged].sort(),
          [...sids].sort(),
        );
      }),
    );
  });
});

describe('mergeKeyPolicy()', () => {
  it('leaves the administration of the key as it is', () => {
    const kmsKeyArn = 'arn:aws:kms:eu-west-1:222222222222:key/1111aaaa';
    const key = { ...place, kmsKeyArn, principals: [principalArn] };
    const complete = customerKeyPolicy({ ...key, complete: true });
    const administration = { ...complete, Statement: complete.Statement.slice(0, 1) };

    const { document, added } = mergeKeyPolicy(administration, customerKeyPolicy(key));

    assert.deepEqual(document, complete);
    assert.deepEqual(added, ['CausewayUseKey']);
  });
});

describe('managedBucketPolicy()', () => {
  it('may demand the ACL that gives the owner full control', () => {
    const document = managedBucketPolicy({
      bucket: 'acme-data',
      capabilities: ['ingest'],
      customerPrincipals: ['222222222222'],
      ownerFullControl: true,
    });

    assert.deepEqual(document.Statement[0], {
      Sid: 'CausewayCustomerWrite',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::222222222222:root' },
      Resource: 'arn:aws:s3:::acme-data/inbound/*',
      Action: ['s3:PutObject', 's3:PutObjectAcl'],
      Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
    });
  });
});
