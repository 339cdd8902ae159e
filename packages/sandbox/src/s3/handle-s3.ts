import { type Authenticated, AuthFailure, authenticate, unsigned } from '../access/authenticate.ts';
import { ErrorIn200, type FaultGate, faultGate } from '../faults/fault-gate.ts';
import { AwsError } from '../http/aws-error.ts';
import type { Reply } from '../http/reply.ts';
import type { Claim } from '../sigv4/claim.ts';
import { type Payload, readPayload } from '../sigv4/payload.ts';
import type { BucketRecord } from '../state/records.ts';
import type { Call, World } from '../world.ts';
import { checkBucketRegion, checkExpectedOwner } from './bucket-checks.ts';
import { withCors } from './cors/with-cors.ts';
import { findOperation } from './find-operation.ts';
import { withHoistedHeaders } from './hoisted-headers.ts';
import { readDocument } from './receive-body.ts';
import { s3AuthError, wrongScopeService } from './s3-auth-error.ts';
import { s3Authorization } from './s3-authorization.ts';
import { hostId, noSuchBucket, s3ErrorReply } from './s3-error.ts';
import { bucketArn, objectArn, type S3Operation, type S3Request } from './s3-operation.ts';
import { readTarget, type S3Target } from './s3-target.ts';

/**
 * Answers a request to S3: who asks, where is the bucket, may they, and then the operation.
 *
 * @throws DroppedReply, ClientGone, or a bug.
 */
export async function handleS3(call: Call, world: World): Promise<Reply> {
  const reply = withCors(await answer(call, world), call, world);
  return {
    ...reply,
    headers: { 'x-amz-request-id': call.id, 'x-amz-id-2': hostId(call), ...reply.headers },
  };
}

async function answer(call: Call, world: World): Promise<Reply> {
  try {
    const target = readTarget(call.incoming);
    const operation = findOperation(call.incoming, target);
    const gate = faultGate(
      call,
      { operation: operation.name, bucket: target.bucket, key: target.key },
      world,
    );
    call.record.operation = operation.name;
    call.record.resource = resourceOf(target);
    return gate.leave(await runOrRefuse(call, world, target, operation, gate));
  } catch (error) {
    return refusal(error, call);
  }
}

/** A refusal is an answer, too: a fault that spoils answers must be able to spoil it. */
async function runOrRefuse(
  call: Call,
  world: World,
  target: S3Target,
  operation: S3Operation,
  gate: FaultGate,
): Promise<Reply> {
  let bucket: BucketRecord | null = null;
  try {
    const authenticated = operation.isOpen ? unsigned : identify(call, world);
    bucket = findBucket(call, world, target, operation, authenticated.claim);
    const payload = payloadOf(call, authenticated);
    const meant = withHoistedHeaders(call, authenticated.claim);
    const request: S3Request = {
      call: meant,
      world,
      target,
      bucket,
      authenticated,
      payload,
      document: '',
      passFaults: gate.pass,
      isDoubled: gate.isDoubled,
      ...s3Authorization(meant, world, operation.name, authenticated, bucket),
    };
    for (const demand of operation.demands(request)) request.authorize(demand);
    await gate.enter();
    const reply = await execute(operation, request, gate);
    return withBucketRegion(reply, target, bucket);
  } catch (error) {
    return withBucketRegion(refusal(error, call), target, bucket);
  }
}

async function execute(
  operation: S3Operation,
  request: S3Request,
  gate: FaultGate,
): Promise<Reply> {
  if (operation.body === 'object') return operation.run(request);
  const { incoming } = request.call;
  const isOwnChecksum = operation.body !== 'part_list';
  const document = await readDocument(incoming, request.payload, isOwnChecksum);
  await gate.pass();
  return gate.execute(() => operation.run({ ...request, bucket: freshBucket(request), document }));
}

/** The bucket may have changed, or gone, while the request was read or held. */
function freshBucket({ bucket, world }: S3Request): BucketRecord | null {
  if (!bucket) return null;
  const fresh = world.state.buckets.get(bucket.name);
  if (!fresh) throw noSuchBucket(bucket.name);
  return fresh;
}

function refusal(error: unknown, call: Call): Reply {
  if (error instanceof ErrorIn200) {
    const inside = new AwsError(200, error.code, error.message);
    call.record.code = inside.code;
    return s3ErrorReply(inside, call);
  }
  if (!(error instanceof AwsError)) throw error;
  call.record.code = error.code;
  return s3ErrorReply(error, call);
}

function identify(call: Call, world: World): Authenticated {
  const { incoming } = call;
  try {
    const authenticated = authenticate(incoming, signedPayloadHash, world);
    const { claim } = authenticated;
    if (claim && claim.service !== 's3') throw wrongScopeService(claim);
    call.record.principal = authenticated.caller.arn;
    return authenticated;
  } catch (error) {
    throw error instanceof AuthFailure ? s3AuthError(error.detail) : error;
  }
}

function signedPayloadHash(claim: Claim): string {
  if (claim.payloadHash !== null) return claim.payloadHash;
  if (claim.kind === 'query') return 'UNSIGNED-PAYLOAD';
  throw new AwsError(
    400,
    'InvalidRequest',
    'Missing required header for this request: x-amz-content-sha256',
  );
}

function payloadOf(call: Call, { claim, signer }: Authenticated): Payload {
  const sent = claim?.payloadHash ?? call.incoming.headers.get('x-amz-content-sha256');
  return sent === undefined || sent === null ? { kind: 'unsigned' } : readPayload(sent, signer);
}

function findBucket(
  call: Call,
  world: World,
  target: S3Target,
  operation: S3Operation,
  claim: Claim | null,
): BucketRecord | null {
  if (!operation.needsBucket || target.bucket === null) return null;
  const bucket = world.state.buckets.get(target.bucket);
  if (!bucket) throw noSuchBucket(target.bucket);
  checkBucketRegion(bucket, target, claim, operation.name);
  checkExpectedOwner(bucket, call.incoming);
  return bucket;
}

function withBucketRegion(reply: Reply, target: S3Target, bucket: BucketRecord | null): Reply {
  if (!bucket || target.key !== null) return reply;
  return { ...reply, headers: { 'x-amz-bucket-region': bucket.region, ...reply.headers } };
}

function resourceOf({ bucket, key }: S3Target): string {
  if (bucket === null) return '*';
  return key === null ? bucketArn(bucket) : objectArn(bucket, key);
}
