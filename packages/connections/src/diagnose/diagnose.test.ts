import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Diagnosis, type PastedPolicies } from '@causeway/contract';
import { newConnection, operator } from '../testing/sample-customer.ts';
import { diagnose } from './diagnose.ts';

const { connection, guide } = newConnection();
const { bucket } = connection;

function diagnosisOf(pasted: PastedPolicies, made = connection): Diagnosis {
  const diagnosis = diagnose(made, pasted, operator);
  assert.ok(Diagnosis.safeParse(diagnosis).success, 'is what the contract says');
  return diagnosis;
}

const unmet = ({ demands }: Diagnosis) =>
  demands.filter(({ holds }) => !holds).map(({ what, must }) => `${must}: ${what}`);

const followed = {
  trustPolicy: JSON.stringify(guide.trustPolicy),
  permissionsPolicies: [JSON.stringify(guide.permissionsPolicy)],
};

describe('diagnose()', () => {
  it('finds nothing to mend in a setup that follows the guide', () => {
    const diagnosis = diagnosisOf(followed);

    assert.deepEqual(unmet(diagnosis), []);
    assert.equal(diagnosis.verdict, 'works');
    assert.equal(diagnosis.demands.filter(({ must }) => must === 'refuse').length, 7);
    assert.deepEqual(diagnosis.assumed.slice(0, 1), ['The bucket has no policy']);
  });

  it('says where a text is no policy, by line and column', () => {
    const diagnosis = diagnosisOf({
      ...followed,
      trustPolicy: '{\n  "Version": "2012-10-17",,\n}',
    });
    const [trust] = diagnosis.documents;

    assert.equal(diagnosis.verdict, 'broken');
    assert.equal(trust?.isPolicy, false);
    assert.equal(trust?.findings[0]?.code, 'not_a_policy');
    assert.equal(trust?.findings[0]?.line, 2);
    assert.equal(trust?.findings[0]?.column, 27);
  });

  it('calls insecure what lets in others, and gives the policy that does not', () => {
    const trustPolicy = JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111111111111:root' },
        Action: 'sts:AssumeRole',
      },
    });

    const diagnosis = diagnosisOf({ trustPolicy });

    assert.equal(diagnosis.verdict, 'insecure');
    assert.deepEqual(unmet(diagnosis), [
      'refuse: assume the role without an external ID',
      'refuse: assume the role with another external ID',
      "refuse: assume the role as another principal of the operator's account",
    ]);
    const [first] = diagnosis.demands.filter(({ holds }) => !holds);
    assert.deepEqual(first?.fixes[0]?.policy, guide.trustPolicy);
    assert.ok(diagnosis.documents[0]?.findings.some(({ severity }) => severity === 'error'));
  });

  it('changes what is there as little as possible, and the change makes it work', () => {
    const permissions = {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Ours',
          Effect: 'Allow',
          Action: ['s3:PutObject', 's3:AbortMultipartUpload', 's3:GetObject'],
          Resource: `arn:aws:s3:::${bucket}/causeway/*`,
        },
        {
          Sid: 'List',
          Effect: 'Allow',
          Action: 's3:ListBucket',
          Resource: `arn:aws:s3:::${bucket}`,
          Condition: { StringEquals: { 's3:prefix': 'causeway' } },
        },
      ],
    };
    const before = { ...followed, permissionsPolicies: [JSON.stringify(permissions)] };

    const diagnosis = diagnosisOf(before);

    assert.deepEqual(unmet(diagnosis), ['allow: list keys under "causeway/"']);
    const fix = diagnosis.demands.find(({ holds }) => !holds)?.fixes[0];
    assert.equal(fix?.document, 'permissionsPolicy');
    assert.ok(
      fix?.patch?.every(({ path }) => path.startsWith('/Statement/1/')),
      'of that statement',
    );
    const mended = { ...before, permissionsPolicies: [JSON.stringify(fix?.policy)] };
    assert.equal(diagnosisOf(mended).verdict, 'works');
  });

  it('puts all fixes together, so that the documents can be copied and work', () => {
    const statement = (Action: string[], Resource: string) => ({
      Effect: 'Allow',
      Action,
      Resource,
    });
    const pasted = {
      trustPolicy: JSON.stringify({
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::111111111111:root' },
          Action: 'sts:AssumeRole',
        },
      }),
      permissionsPolicies: [
        JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            statement(['s3:PutObject', 's3:GetObject'], `arn:aws:s3:::${bucket}`),
            statement(['s3:ListBucket'], `arn:aws:s3:::${bucket}/*`),
          ],
        }),
      ],
    };

    const { correction, verdict } = diagnosisOf(pasted);

    assert.equal(verdict, 'insecure');
    assert.equal(correction?.verdict, 'works');
    const textOf = (name: string) =>
      JSON.stringify(correction?.documents.find(({ document }) => document === name)?.policy);
    const mended = {
      trustPolicy: textOf('trustPolicy'),
      permissionsPolicies: [textOf('permissionsPolicy')],
    };
    assert.equal(correction?.documents.length, 2);
    assert.equal(diagnosisOf(mended).verdict, 'works');
    assert.equal(diagnosisOf(mended).correction, null);
  });

  it('leaves out of the correction what one fix makes of another needless', () => {
    const wrong = structuredClone(guide.permissionsPolicy) as {
      Statement: { Sid: string; Resource: string | string[] }[];
    };
    for (const statement of wrong.Statement) {
      if (statement.Sid === 'Write') statement.Resource = `arn:aws:s3:::${bucket}`;
    }

    const { correction } = diagnosisOf({
      ...followed,
      permissionsPolicies: [JSON.stringify(wrong)],
    });

    const { policy } = correction?.documents[0] ?? {};
    const { Statement } = policy as typeof wrong;
    assert.equal(correction?.verdict, 'works');
    assert.equal(Statement.length, wrong.Statement.length);
  });

  it('says what remains wrong where its fixes are not enough', () => {
    const boundless = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
    });

    const { correction } = diagnosisOf({
      ...followed,
      permissionsPolicies: [JSON.stringify(guide.permissionsPolicy), boundless],
    });

    assert.notEqual(correction?.verdict, 'works');
  });

  it('reads a bucket policy against the guide where no other policy was pasted', () => {
    const bucketPolicy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Freeze',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:PutObject',
          Resource: `arn:aws:s3:::${bucket}/*`,
        },
      ],
    });

    const diagnosis = diagnosisOf({ bucketPolicy });

    assert.deepEqual(unmet(diagnosis), ['allow: write under "causeway/"']);
    const write = diagnosis.demands.find(({ holds }) => !holds);
    assert.equal(write?.decision, 'explicit_deny');
    assert.match(write?.because ?? '', /Freeze/);
    const mended = JSON.stringify(write?.fixes[0]?.policy);
    assert.equal(diagnosisOf({ bucketPolicy: mended }).verdict, 'works');
    assert.ok(diagnosis.assumed.some((text) => text.includes('permissions policy')));
  });

  it('spares the role in a Deny where no smaller exception can be written', () => {
    const resource = `arn:aws:s3:::${bucket}`;
    const guard = { Effect: 'Deny', Principal: '*', Action: 's3:ListBucket', Resource: resource };
    const others = { ArnNotEquals: { 'aws:PrincipalArn': 'arn:aws:iam::222222222222:role/admin' } };
    for (const Statement of [guard, [guard], [guard, { ...guard, Condition: others }]]) {
      const bucketPolicy = JSON.stringify({ Version: '2012-10-17', Statement });

      const list = diagnosisOf({ bucketPolicy }).demands.find(({ holds }) => !holds);

      assert.match(list?.fixes[0]?.text ?? '', /Except "arn:aws:iam::222222222222:role/);
      const mended = JSON.stringify(list?.fixes[0]?.policy);
      assert.equal(diagnosisOf({ bucketPolicy: mended }).verdict, 'works');
    }
  });

  it('loosens no protection, and says what to do instead', () => {
    const bucketPolicy = JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:PutObject',
        Resource: `arn:aws:s3:::${bucket}/*`,
        Condition: { Null: { 's3:x-amz-server-side-encryption': 'true' } },
      },
    });

    const write = diagnosisOf({ bucketPolicy }).demands.find(({ holds }) => !holds);

    assert.deepEqual(write?.fixes, []);
    assert.match(
      write?.advice ?? '',
      /x-amz-server-side-encryption: AES256\. Causeway does not, so except it/,
    );
  });

  it('finds a policy that is wider than the connection needs', () => {
    const everything = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' },
    });

    assert.deepEqual(unmet(diagnosisOf({ permissionsPolicies: [everything] })), [
      'refuse: write outside "causeway/"',
      'refuse: read files outside "causeway/"',
      'refuse: list keys outside "causeway/"',
    ]);
  });

  it('takes a boundary and the policy of a key into account', () => {
    const keyArn = 'arn:aws:kms:us-east-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const boundary = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' },
    });
    const keyPolicy = JSON.stringify({
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::222222222222:root' },
        Action: 'kms:*',
        Resource: '*',
      },
    });

    assert.deepEqual(unmet(diagnosisOf({ ...followed, permissionsBoundary: boundary })), [
      'allow: write under "causeway/"',
      'allow: abort an upload',
      'allow: list keys under "causeway/"',
    ]);
    assert.deepEqual(unmet(diagnosisOf({ ...followed, keyPolicy, keyArn })), [
      'allow: encrypt a file with the key',
      'allow: decrypt with the key: a part of an upload, or a file that is read',
    ]);
  });
});
