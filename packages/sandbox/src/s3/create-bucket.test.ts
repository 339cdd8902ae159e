import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  HeadBucketCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { type Sandbox, startSandbox } from '../start-sandbox.ts';
import { failureOf, root, s3Of } from '../testing/clients.ts';

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox({ port: 0 });
});
after(() => sandbox.close());

function create(name: string, constraint?: string): CreateBucketCommand {
  return new CreateBucketCommand({
    Bucket: name,
    ...(constraint && {
      CreateBucketConfiguration: { LocationConstraint: constraint as BucketLocationConstraint },
    }),
  });
}

describe('CreateBucket', () => {
  it('takes the region from the location constraint', async () => {
    const s3 = s3Of(sandbox, root.acme);

    await s3.send(create('acme-frankfurt', 'eu-central-1'));
    const german = s3Of(sandbox, root.acme, { region: 'eu-central-1' });
    const head = await german.send(new HeadBucketCommand({ Bucket: 'acme-frankfurt' }));

    assert.equal(head.BucketRegion, 'eu-central-1');
  });

  it('refuses a name that another account has, and one of its own outside the first region', async () => {
    const home = s3Of(sandbox, root.acme);
    const irish = s3Of(sandbox, root.acme, { region: 'eu-west-1' });
    await home.send(create('acme-first'));
    await irish.send(create('acme-second', 'eu-west-1'));

    const others = await failureOf(s3Of(sandbox, root.globex).send(create('acme-first')));
    const own = await failureOf(irish.send(create('acme-second', 'eu-west-1')));
    const again = await home.send(create('acme-first'));

    assert.equal(others.code, 'BucketAlreadyExists');
    assert.equal(others.status, 409);
    assert.equal(own.code, 'BucketAlreadyOwnedByYou');
    assert.equal(own.status, 409);
    assert.equal(again.$metadata.httpStatusCode, 200);
  });

  it('refuses a region that is none, or not that of the endpoint', async () => {
    const home = s3Of(sandbox, root.acme);
    const irish = s3Of(sandbox, root.acme, { region: 'eu-west-1' });

    const unknown = await failureOf(home.send(create('acme-moon', 'moon')));
    const elsewhere = await failureOf(irish.send(create('acme-elsewhere', 'eu-central-1')));

    assert.equal(unknown.code, 'InvalidLocationConstraint');
    assert.equal(elsewhere.code, 'IllegalLocationConstraintException');
  });

  it('refuses names that S3 refuses', async () => {
    const s3 = s3Of(sandbox, root.acme);
    for (const name of ['ab', 'Upper-Case', 'under_score', '192.168.0.1', 'a..b', 'xn--name']) {
      assert.equal((await failureOf(s3.send(create(name)))).code, 'InvalidBucketName', name);
    }
  });
});

describe('DeleteBucket', () => {
  it('refuses while there is an object, and takes open uploads along', async () => {
    const s3 = s3Of(sandbox, root.acme);
    const Bucket = 'acme-short-lived';
    await s3.send(create(Bucket));
    await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'open' }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'x', Body: 'x' }));

    const failure = await failureOf(s3.send(new DeleteBucketCommand({ Bucket })));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'x' }));
    await s3.send(new DeleteBucketCommand({ Bucket }));
    const gone = await failureOf(s3.send(new HeadBucketCommand({ Bucket })));

    assert.equal(failure.code, 'BucketNotEmpty');
    assert.equal(failure.status, 409);
    assert.equal(gone.status, 404);
  });
});
