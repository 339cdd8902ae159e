import assert from 'node:assert/strict';
import {
  CreatePolicyVersionCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetUserCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CancelKeyDeletionCommand,
  EnableKeyCommand,
  GetKeyPolicyCommand,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  DeleteBucketEncryptionCommand,
  PutBucketCorsCommand,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import type { CheckFix, CheckStep } from '@causeway/contract';
import { applyJsonPatch, mergeCors } from '@causeway/policy';
import { diagnose } from '../diagnose/diagnose.ts';
import { callAws } from './aws-call.ts';
import { enterKey, makePrincipal, putPermissions } from './principal.ts';
import { operator } from './sample-customer.ts';
import { managedOperator } from './sample-managed.ts';
import type { Site } from './site.ts';

type Fix = CheckFix;

/** Does what a fix offers, by AWS calls, as an administrator would who knows no more. */
export async function mendSetup(site: Site, step: CheckStep): Promise<void> {
  const { fix } = step;
  assert.ok(fix, `${step.id} offers no fix`);
  if (site.connection.owner === 'operator') return mendManaged(site, fix);
  switch (fix.document) {
    case 'trustPolicy':
      return mendTrust(site, fix);
    case 'permissionsPolicy':
      site.permissionsPolicy = changed(site.permissionsPolicy, fix);
      return putPermissions(site);
    case 'permissionsBoundary':
      return mendBoundary(site, fix);
    case 'bucketPolicy':
      return mendBucketPolicy(site, fix);
    case 'keyPolicy':
      return mendKeyPolicy(site, fix);
    case 'key':
      return mendKey(site, step);
    case 'cors':
      return mendCors(site, fix);
    case 'bucket':
      return mendBucket(site, step);
    case 'issuer':
      return mendIssuer(site, fix);
    case 'accessKey':
      return mendKeyOfUser(site, fix);
    default:
      assert.fail(`Nobody knows how to mend ${fix.document}: ${fix.text}`);
  }
}

/** Pastes everything for a diagnosis, and does what that says. */
export async function mendByDiagnosis(site: Site): Promise<void> {
  const { bucketPolicy, boundary } = site;
  const { demands } = diagnose(
    site.connection,
    {
      trustPolicy: JSON.stringify(site.trustPolicy),
      permissionsPolicies: [JSON.stringify(site.permissionsPolicy)],
      ...(bucketPolicy && { bucketPolicy: JSON.stringify(bucketPolicy) }),
      ...(boundary && { permissionsBoundary: JSON.stringify(boundary) }),
    },
    operator,
  );
  const fix = demands.find(({ holds }) => !holds)?.fixes[0];
  assert.ok(fix, 'the diagnosis offers no fix');
  if (fix.document === 'bucketPolicy') {
    site.bucketPolicy = changed(site.bucketPolicy ?? {}, fix);
    return putBucketPolicy(site);
  }
  if (fix.document === 'trustPolicy') return mendTrust(site, fix);
  if (fix.document === 'permissionsBoundary') return mendBoundary(site, fix);
  site.permissionsPolicy = changed(site.permissionsPolicy, fix);
  return putPermissions(site);
}

/** The patch of what is there; without one, the whole document. */
function changed(document: object, { patch, policy }: Fix): object {
  const result = patch
    ? applyJsonPatch(document, patch as Parameters<typeof applyJsonPatch>[1])
    : policy;
  assert.ok(typeof result === 'object' && result !== null, 'the fix holds no document');
  return result;
}

async function mendTrust(site: Site, fix: Fix): Promise<void> {
  site.trustPolicy = changed(site.trustPolicy, fix);
  const RoleName = 'roleName' in site.connection ? site.connection.roleName : '';
  const PolicyDocument = JSON.stringify(site.trustPolicy);
  await site.owner.iam
    .send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }))
    .catch((error: unknown) => {
      if (!(error instanceof Error) || error.name !== 'NoSuchEntityException') throw error;
      return makePrincipal({ ...site, principalName: RoleName });
    });
}

async function mendBoundary(site: Site, fix: Fix): Promise<void> {
  site.boundary = changed(site.boundary ?? {}, fix);
  await site.owner.iam.send(
    new CreatePolicyVersionCommand({
      PolicyArn: `arn:aws:iam::${site.connection.accountId}:policy/boundary-${site.principalName}`,
      PolicyDocument: JSON.stringify(site.boundary),
      SetAsDefault: true,
    }),
  );
}

/** Adds what the fix says to every Deny of the policy, which is where it applies. */
async function mendBucketPolicy(site: Site, fix: Fix): Promise<void> {
  assert.equal(fix.patchOf, 'statement');
  const policy = site.bucketPolicy as { Statement: { Effect: string }[] };
  site.bucketPolicy = {
    ...policy,
    Statement: policy.Statement.map((statement) =>
      statement.Effect === 'Deny' ? changed(statement, fix) : statement,
    ),
  };
  await putBucketPolicy(site);
}

export async function putBucketPolicy({ owner, connection, bucketPolicy }: Site): Promise<void> {
  await owner.s3.send(
    new PutBucketPolicyCommand({
      Bucket: connection.bucket,
      Policy: JSON.stringify(bucketPolicy),
    }),
  );
}

async function mendKeyPolicy({ owner, keyId }: Site, fix: Fix): Promise<void> {
  const KeyId = keyId ?? '';
  const { Policy = '{}' } = await owner.kms.send(new GetKeyPolicyCommand({ KeyId }));
  const policy = JSON.stringify(changed(JSON.parse(Policy) as object, fix));
  await owner.kms.send(new PutKeyPolicyCommand({ KeyId, Policy: policy }));
}

async function mendKey({ owner, keyId, connection }: Site, { cause }: CheckStep): Promise<void> {
  const KeyId = keyId ?? '';
  if (cause === 'kms_key_missing') {
    const Bucket = connection.bucket;
    await owner.s3.send(new DeleteBucketEncryptionCommand({ Bucket }));
    return;
  }
  if (cause === 'kms_key_deleting') await owner.kms.send(new CancelKeyDeletionCommand({ KeyId }));
  await owner.kms.send(new EnableKeyCommand({ KeyId }));
}

async function mendCors({ owner, connection }: Site, { policy }: Fix): Promise<void> {
  const merged = mergeCors(null, policy as Parameters<typeof mergeCors>[1]);
  const { CORSRules } = merged.document as { CORSRules: [] };
  const Bucket = connection.bucket;
  await owner.s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
}

/** Makes the bucket, or connects another one where the name is somebody else's. */
async function mendBucket(site: Site, { cause }: CheckStep): Promise<void> {
  if (cause === 'bucket_owner_mismatch') {
    const other = `${site.connection.bucket}-own`;
    const rename = (text: object) =>
      JSON.parse(JSON.stringify(text).replaceAll(site.connection.bucket, other)) as object;
    site.permissionsPolicy = rename(site.permissionsPolicy);
    site.connection = { ...site.connection, bucket: other } as Site['connection'];
    await putPermissions(site);
  }
  await site.owner.s3.send(new CreateBucketCommand({ Bucket: site.connection.bucket }));
}

/** Runs the command that the fix names, or publishes what is said to be missing. */
async function mendIssuer(site: Site, { text }: Fix): Promise<void> {
  const command = /run: aws iam (.*)$/.exec(text)?.[1];
  if (command === undefined) {
    assert.match(text, /^(Publish|Let everybody read) /);
    assert.ok(site.issuer);
    site.issuer.publishes = 'its keys';
    return;
  }
  const [name = '', ...words] = command.split(' ');
  const input: Record<string, unknown> = {};
  for (let i = 0; i < words.length; i += 2) {
    const option = inIamsNames((words[i] ?? '').replace(/^--/, ''));
    input[option] = option.endsWith('List') ? [words[i + 1]] : words[i + 1];
  }
  const { stage, connection } = site;
  await callAws(stage.sandboxUrl, connection.accountId ?? '', {
    service: 'iam',
    call: inIamsNames(name),
    input,
  });
}

/** `client-id` of the command line is `ClientID` in the API. */
function inIamsNames(text: string): string {
  return text
    .split('-')
    .map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`)
    .join('')
    .replace('OpenId', 'OpenID')
    .replace('ClientId', 'ClientID');
}

/** Makes another key of the user, or the user too where it is gone, and enters it. */
async function mendKeyOfUser(site: Site, { text }: Fix): Promise<void> {
  assert.match(text, /[Ee]nter/);
  await site.owner.iam
    .send(new GetUserCommand({ UserName: site.principalName }))
    .catch(() => makePrincipal(site));
  await enterKey(site, 'its own');
}

/** In a bucket of the operator's every fix is to provision it, or names an AWS call. */
async function mendManaged(site: Site, { text }: Fix): Promise<void> {
  const { stage, connection } = site;
  assert.ok(connection.owner === 'operator');
  const RoleName = site.principalName;
  const { iam } = site.owner;
  const PolicyArn = /detach (arn:\S+) from/i.exec(text)?.[1];
  if (PolicyArn) await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
  const PolicyName = /delete inline policy "(.+?)"/i.exec(text)?.[1];
  if (PolicyName) await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  assert.match(text, /[Pp]rovision the connection/);
  const ours = managedOperator(stage.sandboxUrl, stage.credentials);
  const bucketPolicy = text.includes('"bucketPolicy": "replace"') ? 'replace' : 'merge';
  site.connection = await ours.provision(connection, { bucketPolicy });
}
