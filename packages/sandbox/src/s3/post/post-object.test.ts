import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutBucketAclCommand,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { type Sandbox, startSandbox } from '../../start-sandbox.ts';
import {
  acme,
  createUserWithKey,
  iamOf,
  policy,
  root,
  s3Of,
  stsOf,
} from '../../testing/clients.ts';
import { type FormFields, type FormOptions, signForm } from '../../testing/sign-form.ts';

const Bucket = 'acme-forms';
let sandbox: Sandbox;

before(async () => {
  sandbox = await startSandbox({ port: 0 });
  await s3Of(sandbox, root.acme).send(new CreateBucketCommand({ Bucket }));
});
after(() => sandbox.close());

const signedFields = (fields: FormFields, options: Partial<FormOptions> = {}): FormFields =>
  signForm(fields, { bucket: Bucket, credentials: root.acme, ...options });

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

async function post(
  fields: FormFields,
  file: string | Blob | null = 'hello',
  fileName = 'a.txt',
  bucket = Bucket,
): Promise<Answer> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file !== null) {
    form.append('file', typeof file === 'string' ? new Blob([file]) : file, fileName);
  }
  const url = `${sandbox.url}/${bucket}`;
  const answer = await fetch(url, { method: 'POST', body: form, redirect: 'manual' });
  return { status: answer.status, headers: answer.headers, body: await answer.text() };
}

function isRefused(answer: Answer, status: number, code: string, message: string): void {
  assert.equal(answer.status, status, answer.body);
  assert.ok(answer.body.includes(`<Code>${code}</Code>`), answer.body);
  const [, found = ''] = /<Message>([^<]*)<\/Message>/.exec(answer.body) ?? [];
  assert.equal(found.replaceAll('&quot;', '"'), message);
}

const read = async (Key: string): Promise<string | undefined> => {
  const { Body } = await s3Of(sandbox, root.acme).send(new GetObjectCommand({ Bucket, Key }));
  return Body?.transformToString();
};

describe('POST of a form', () => {
  it('stores the file under the key of the form, and says where', async () => {
    const answer = await post(signedFields({ key: 'in/a.txt' }));

    assert.equal(answer.status, 204);
    assert.equal(answer.body, '');
    assert.equal(answer.headers.get('etag'), '"5d41402abc4b2a76b9719d911017c592"');
    assert.equal(answer.headers.get('location'), `${sandbox.url}/${Bucket}/in%2Fa.txt`);
    assert.equal(await read('in/a.txt'), 'hello');
  });

  it('puts the name of the file where the variable for it stands, without its folders', async () => {
    const conditions = [['starts-with', '$key', 'in/']];
    for (const fileName of ['b.txt', '/tmp/b.txt', 'C:\\Documents\\b.txt']) {
      const fields = signedFields({ key: `in/\${filename}` }, { conditions });
      const answer = await post(fields, fileName, fileName);

      assert.equal(answer.status, 204, answer.body);
      assert.equal(await read('in/b.txt'), fileName);
    }
  });

  it('keeps what the fields say of the object', async () => {
    const fields = {
      key: 'described',
      'Content-Type': 'text/csv',
      'Cache-Control': 'no-store',
      'x-amz-meta-TEST-2': 'yes',
      'x-amz-storage-class': 'STANDARD_IA',
    };

    const answer = await post(signedFields(fields));
    const head = await s3Of(sandbox, root.acme).send(
      new HeadObjectCommand({ Bucket, Key: 'described' }),
    );

    assert.equal(answer.status, 204, answer.body);
    assert.equal(head.ContentType, 'text/csv');
    assert.equal(head.CacheControl, 'no-store');
    assert.deepEqual(head.Metadata, { 'test-2': 'yes' });
    assert.equal(head.StorageClass, 'STANDARD_IA');
  });

  it('puts tags on the object, which a form has in XML', async () => {
    const tagging =
      '<Tagging><TagSet><Tag><Key>team</Key><Value>a + b</Value></Tag></TagSet></Tagging>';

    const answer = await post(signedFields({ key: 'tagged', tagging }));
    const { TagSet } = await s3Of(sandbox, root.acme).send(
      new GetObjectTaggingCommand({ Bucket, Key: 'tagged' }),
    );
    const wrong = await post(signedFields({ key: 'tagged', tagging: 'team=a' }));

    assert.equal(answer.status, 204, answer.body);
    assert.deepEqual(TagSet, [{ Key: 'team', Value: 'a + b' }]);
    assert.match(wrong.body, /<Code>MalformedXML<\/Code>/);
  });

  it('takes a large file as it comes, with bytes that look like a boundary', async () => {
    const bytes = Buffer.alloc(3_000_000, '\r\n--x\r\n--');

    const answer = await post(signedFields({ key: 'large' }), new Blob([bytes]));
    const { Body } = await s3Of(sandbox, root.acme).send(
      new GetObjectCommand({ Bucket, Key: 'large' }),
    );

    assert.equal(answer.status, 204, answer.body);
    assert.ok(bytes.equals(Buffer.from((await Body?.transformToByteArray()) ?? [])));
  });

  it('answers as the form asks', async () => {
    const created = await post(signedFields({ key: 'c d', success_action_status: '201' }));
    const ok = await post(signedFields({ key: 'c', success_action_status: '200' }));
    const other = await post(signedFields({ key: 'c', success_action_status: '418' }));
    const redirected = await post(
      signedFields({ key: 'c d', success_action_redirect: 'https://app.example.com/done?a=1' }),
    );
    const relative = await post(signedFields({ key: 'c', success_action_redirect: '/relative' }));

    assert.equal(created.status, 201);
    assert.equal(
      created.body,
      `<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse><Location>${sandbox.url}/${Bucket}/c%20d</Location><Bucket>${Bucket}</Bucket><Key>c d</Key><ETag>&quot;5d41402abc4b2a76b9719d911017c592&quot;</ETag></PostResponse>`,
    );
    assert.equal(ok.status, 200);
    assert.equal(ok.body, '');
    assert.equal(other.status, 204);
    assert.equal(redirected.status, 303);
    assert.equal(
      redirected.headers.get('location'),
      `https://app.example.com/done?a=1&bucket=${Bucket}&key=c+d&etag=%225d41402abc4b2a76b9719d911017c592%22`,
    );
    assert.equal(relative.status, 204);
  });

  it('ignores what follows the file', async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries(signedFields({ key: 'first' }))) {
      form.append(name, value);
    }
    form.append('file', new Blob(['hello']), 'a.txt');
    form.append('submit', 'Upload');

    const answer = await fetch(`${sandbox.url}/${Bucket}`, { method: 'POST', body: form });

    assert.equal(answer.status, 204);
    assert.equal(await read('first'), 'hello');
  });

  it('takes names of fields in any letter case', async () => {
    const fields = signedFields({ key: 'case' });
    const shouted = Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name.toUpperCase(), value]),
    );

    assert.equal((await post(shouted)).status, 204);
  });
});

describe('the policy of a form', () => {
  it('must be met in every condition', async () => {
    const refused: [FormFields, unknown[], string][] = [
      [{ key: 'other' }, [{ key: 'a' }], '["eq", "$key", "a"]'],
      [{ key: 'a' }, [['eq', 'key', 'a']], '["eq", "key", "a"]'],
      [{ key: 'out/a' }, [['starts-with', '$key', 'in/']], '["starts-with", "$key", "in/"]'],
      [{ key: 'IN/a' }, [['starts-with', '$key', 'in/']], '["starts-with", "$key", "in/"]'],
      [
        { key: 'a', 'Content-Type': 'image/png,text/html' },
        [{ key: 'a' }, ['starts-with', '$Content-Type', 'image/']],
        '["starts-with", "$Content-Type", "image/"]',
      ],
      [
        { key: 'a' },
        [{ key: 'a' }, ['starts-with', '$Content-Type', '']],
        '["starts-with", "$Content-Type", ""]',
      ],
      [
        { key: 'a' },
        [{ key: 'a' }, ['content-length-range', 'few', '10']],
        '["content-length-range", "few", "10"]',
      ],
    ];
    for (const [fields, conditions, shown] of refused) {
      isRefused(
        await post(signedFields(fields, { conditions })),
        403,
        'AccessDenied',
        `Invalid according to Policy: Policy Condition failed: ${shown}`,
      );
    }
  });

  it('must be for the bucket that the form is sent to', async () => {
    isRefused(
      await post(signedFields({ key: 'a' }, { bucket: 'acme-elsewhere' })),
      403,
      'AccessDenied',
      'Invalid according to Policy: Policy Condition failed: ["eq", "$bucket", "acme-elsewhere"]',
    );
  });

  it('must cover every field but those that are to be ignored', async () => {
    const conditions = [{ key: 'a' }];
    const fields = (more: FormFields) => signedFields({ key: 'a', ...more }, { conditions });

    const ignored = await post(fields({ 'x-ignore-me': 'x' }));
    const extra = await post(fields({ 'x-amz-meta-Color': 'red' }));

    assert.equal(ignored.status, 204, ignored.body);
    isRefused(
      extra,
      403,
      'AccessDenied',
      'Invalid according to Policy: Extra input fields: x-amz-meta-Color',
    );
  });

  it('must name the bucket, or a form for one would do for all', async () => {
    const conditions = [
      ['starts-with', '$key', ''],
      ['starts-with', '$x-amz-algorithm', ''],
      ['starts-with', '$x-amz-credential', ''],
      ['starts-with', '$x-amz-date', ''],
    ];
    const expiration = new Date(Date.now() + 60_000).toISOString();

    isRefused(
      await post(signedFields({ key: 'a' }, { policy: { expiration, conditions } })),
      403,
      'AccessDenied',
      'Invalid according to Policy: Extra input fields: bucket',
    );
  });

  it('must not have expired', async () => {
    const expiration = new Date(Date.now() - 1000).toISOString();

    isRefused(
      await post(signedFields({ key: 'a' }, { expiration })),
      403,
      'AccessDenied',
      'Invalid according to Policy: Policy expired.',
    );
  });

  it('is not taken for longer than a week', async () => {
    const at = new Date(Date.now() - 8 * 24 * 3600 * 1000);
    const expiration = new Date(Date.now() + 60_000).toISOString();

    isRefused(
      await post(signedFields({ key: 'a' }, { at, expiration })),
      403,
      'AccessDenied',
      'Invalid according to Policy: Policy expired.',
    );
  });

  it('sets how large the file may be, both ends included', async () => {
    const send = (file: string) =>
      post(
        signedFields(
          { key: 'sized' },
          { conditions: [{ key: 'sized' }, ['content-length-range', 5, '10']] },
        ),
        file,
      );

    const large = await send('x'.repeat(12));
    const small = await send('x');

    isRefused(
      large,
      400,
      'EntityTooLarge',
      'Your proposed upload exceeds the maximum allowed size',
    );
    assert.match(large.body, /<ProposedSize>12<\/ProposedSize><MaxSizeAllowed>10</);
    isRefused(
      small,
      400,
      'EntityTooSmall',
      'Your proposed upload is smaller than the minimum allowed size',
    );
    assert.match(small.body, /<ProposedSize>1<\/ProposedSize><MinSizeAllowed>5</);
    assert.equal((await send('x'.repeat(5))).status, 204);
    assert.equal((await send('x'.repeat(10))).status, 204);
  });

  const malformed: [string, unknown, string][] = [
    ['no JSON', '{', 'Invalid JSON.'],
    ['no expiration', { conditions: [] }, 'Policy missing expiration.'],
    ['no conditions', { expiration: '2099-01-01T00:00:00Z' }, 'Policy missing conditions.'],
    [
      'conditions that are no list',
      { expiration: '2099-01-01T00:00:00Z', conditions: {} },
      "Invalid 'conditions' value: must be a List.",
    ],
    [
      'a time that is no UTC',
      { expiration: '2099-01-01T00:00:00+02:00', conditions: [] },
      "Invalid 'expiration' value: '2099-01-01T00:00:00+02:00'",
    ],
    [
      'another member',
      { expiration: '2099-01-01T00:00:00Z', conditions: [], Statement: [] },
      "Unexpected: 'statement'",
    ],
    [
      'two properties in a condition',
      { expiration: '2099-01-01T00:00:00Z', conditions: [{ key: 'a', bucket: 'b' }] },
      'Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.',
    ],
    [
      'a number for a value',
      { expiration: '2099-01-01T00:00:00Z', conditions: [{ key: 1 }] },
      'Invalid Simple-Condition: value must be a string.',
    ],
  ];
  for (const [what, document, message] of malformed) {
    it(`is refused with ${what}`, async () => {
      isRefused(
        await post(signedFields({ key: 'a' }, { policy: document })),
        400,
        'InvalidPolicyDocument',
        `Invalid Policy: ${message}`,
      );
    });
  }
});

describe('the signature of a form', () => {
  it('is that of the policy as it was sent', async () => {
    const fields = signedFields({ key: 'a' });
    const changed = { ...fields, policy: fields['policy']?.slice(0, -2) ?? '' };

    const answer = await post(changed);

    isRefused(
      answer,
      403,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    );
    assert.ok(answer.body.includes(`<StringToSign>${changed.policy}</StringToSign>`));
    assert.doesNotMatch(answer.body, /CanonicalRequest/);
  });

  it('names a key that exists, and the region of the bucket', async () => {
    const credentials = { ...root.acme, accessKeyId: 'AKIAUNKNOWNUNKNOWN12' };

    const unknown = await post(signedFields({ key: 'a' }, { credentials }));
    const elsewhere = await post(signedFields({ key: 'a' }, { region: 'eu-west-1' }));

    isRefused(
      unknown,
      403,
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
    );
    isRefused(
      elsewhere,
      400,
      'InvalidArgument',
      "the region 'eu-west-1' is wrong; expecting 'us-east-1'",
    );
    assert.match(elsewhere.body, /<Region>us-east-1<\/Region>/);
  });

  it('is complete, or not there at all', async () => {
    for (const [name, shown] of [
      ['x-amz-algorithm', 'X-Amz-Algorithm'],
      ['x-amz-credential', 'X-Amz-Credential'],
      ['x-amz-date', 'X-Amz-Date'],
      ['x-amz-signature', 'X-Amz-Signature'],
      ['policy', 'Policy'],
    ] as const) {
      const { [name]: _, ...rest } = signedFields({ key: 'a' });
      isRefused(
        await post(rest),
        400,
        'InvalidArgument',
        `Bucket POST must contain a field named '${shown}'.  If it is specified, please check the order of the fields.`,
      );
    }
    const { policy: document = '' } = signedFields({ key: 'a' });
    isRefused(await post({ key: 'a', policy: document }), 403, 'AccessDenied', 'Access Denied');
  });

  it('of a session comes with its token', async () => {
    const iam = iamOf(sandbox, root.acme);
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName: 'poster',
        AssumeRolePolicyDocument: policy({
          Effect: 'Allow',
          Principal: { AWS: acme },
          Action: 'sts:AssumeRole',
        }),
      }),
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: 'poster',
        PolicyName: 'put',
        PolicyDocument: policy({ Effect: 'Allow', Action: 's3:PutObject', Resource: '*' }),
      }),
    );
    const user = await createUserWithKey(sandbox, root.acme, 'assumer', [
      { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' },
    ]);
    const { Credentials: given } = await stsOf(sandbox, user).send(
      new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'form' }),
    );
    const credentials = {
      accessKeyId: given?.AccessKeyId ?? '',
      secretAccessKey: given?.SecretAccessKey ?? '',
      sessionToken: given?.SessionToken ?? '',
    };

    const good = await post(signedFields({ key: 'a' }, { credentials }));
    const wrong = await post(
      signedFields({ key: 'a' }, { credentials: { ...credentials, sessionToken: 'other' } }),
    );

    assert.equal(good.status, 204, good.body);
    assert.match(wrong.body, /<Code>InvalidToken<\/Code>/);
  });
});

describe('who sends a form', () => {
  it('must be allowed to put the object', async () => {
    const credentials = await createUserWithKey(sandbox, root.acme, 'form-user', [
      { Effect: 'Allow', Action: 's3:PutObject', Resource: `arn:aws:s3:::${Bucket}/mine/*` },
    ]);

    const mine = await post(signedFields({ key: 'mine/a' }, { credentials }));
    const other = await post(signedFields({ key: 'other/a' }, { credentials }));

    assert.equal(mine.status, 204, mine.body);
    isRefused(
      other,
      403,
      'AccessDenied',
      `User: arn:aws:iam::${acme}:user/form-user is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::${Bucket}/other/a" because no identity-based policy allows the s3:PutObject action`,
    );
  });

  it('can be told from those who sign otherwise, by s3:authType', async () => {
    const bucket = 'acme-forms-only';
    const s3 = s3Of(sandbox, root.acme);
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    const Policy = policy({
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:PutObject',
      Resource: `arn:aws:s3:::${bucket}/*`,
      Condition: { StringEquals: { 's3:authType': 'POST' } },
    });
    await s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));

    const answer = await post(signedFields({ key: 'a' }, { bucket }), 'x', 'x', bucket);

    assert.equal(answer.status, 403);
    assert.match(answer.body, /with an explicit deny in a resource-based policy/);
  });

  it('may be anybody where anybody may write', async () => {
    const bucket = 'acme-forms-open';
    const s3 = s3Of(sandbox, root.acme);
    await s3.send(new CreateBucketCommand({ Bucket: bucket, ObjectOwnership: 'ObjectWriter' }));
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket: bucket }));
    await s3.send(new PutBucketAclCommand({ Bucket: bucket, ACL: 'public-read-write' }));

    assert.equal((await post({ key: 'a' }, 'x', 'x', bucket)).status, 204);
    isRefused(await post({ key: 'a' }), 403, 'AccessDenied', 'Access Denied');
  });
});

describe('what is no form', () => {
  const raw = async (body: string, type = 'multipart/form-data; boundary=x'): Promise<Answer> => {
    const answer = await fetch(`${sandbox.url}/${Bucket}`, {
      method: 'POST',
      body,
      headers: { 'content-type': type },
    });
    return { status: answer.status, headers: answer.headers, body: await answer.text() };
  };

  it('is refused as S3 refuses it', async () => {
    const html = await raw('hello', 'text/html');
    assert.match(html.body, /<Condition>Bucket POST must be of the enclosure-type multipart/);
    isRefused(
      html,
      412,
      'PreconditionFailed',
      'At least one of the pre-conditions you specified did not hold',
    );
    const malformed = 'The body of your POST request is not well-formed multipart/form-data.';
    for (const answer of [
      await raw('hello', 'multipart/form-data'),
      await raw('hello'),
      await raw('--x\r\nContent-Disposition: form-data; name="key"\r\n\r\na'),
      await raw('--x\r\n\r\na\r\n--x--\r\n'),
      await raw('--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nno end'),
    ]) {
      assert.ok(answer.status === 400 || answer.status === 403, answer.body);
    }
    isRefused(await raw('hello'), 400, 'MalformedPOSTRequest', malformed);
  });

  it('has a key and exactly one file', async () => {
    isRefused(
      await post(signedFields({ key: 'a' }), null),
      400,
      'InvalidArgument',
      'POST requires exactly one file upload per request.',
    );
    isRefused(
      await post(signedFields({})),
      400,
      'InvalidArgument',
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
    );
  });

  it('does not have more than 20 KB before the file', async () => {
    const answer = await post(signedFields({ key: 'a', 'x-amz-meta-long': 'x'.repeat(20_000) }));

    isRefused(
      answer,
      400,
      'MaxPostPreDataLengthExceeded',
      'Your POST request fields preceeding the upload file was too large.',
    );
  });

  it('leaves no object behind when it ends in the middle of the file', async () => {
    const fields = signedFields({ key: 'cut' });
    const parts = Object.entries(fields).map(
      ([name, value]) =>
        `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    const file = '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf';

    const answer = await raw(`${parts.join('')}${file}`);

    assert.equal(answer.status, 400);
    assert.match(answer.body, /<Code>MalformedPOSTRequest<\/Code>/);
    await assert.rejects(read('cut'), { name: 'NoSuchKey' });
  });
});
