import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { controlPath, handleControl } from './control/handle-control.ts';
import type { RequestRecord } from './control/history.ts';
import { AwsError, ClientGone, DroppedReply } from './http/aws-error.ts';
import { type Incoming, readIncoming } from './http/incoming.ts';
import { type Reply, sendReply } from './http/reply.ts';
import { iam } from './iam/iam.ts';
import { handleJson, jsonErrorReply } from './json-protocol/handle-json.ts';
import { kms } from './kms/kms.ts';
import { handleQuery } from './query/handle-query.ts';
import { handleS3 } from './s3/handle-s3.ts';
import { s3ErrorReply } from './s3/s3-error.ts';
import { bucketOfHost, isS3Host } from './s3/s3-target.ts';
import { isClaimFault, readClaim } from './sigv4/claim.ts';
import { sqs } from './sqs/sqs.ts';
import { sts } from './sts/sts.ts';
import { unknownServiceReply } from './unknown-service.ts';
import type { Call, World } from './world.ts';

/** Answers one HTTP request, of whichever service. Never throws: a bug becomes AWS's InternalError. */
export async function handleRequest(
  message: IncomingMessage,
  response: ServerResponse,
  world: World,
): Promise<void> {
  const incoming = readIncoming(message, world.secureTransport);
  try {
    if (isControl(incoming)) await sendReply(response, await handleControl(incoming, world));
    else await handleAws(incoming, response, world);
  } catch (error) {
    if (!(error instanceof ClientGone || error instanceof DroppedReply)) {
      process.emitWarning(error instanceof Error ? error : String(error));
    }
    response.destroy();
  }
}

function isControl({ rawPath, hostName }: Incoming): boolean {
  const isPath = rawPath === controlPath || rawPath.startsWith(`${controlPath}/`);
  return isPath && bucketOfHost(hostName) === null;
}

async function handleAws(
  incoming: Incoming,
  response: ServerResponse,
  world: World,
): Promise<void> {
  const service = serviceOf(incoming);
  const clientGone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) clientGone.abort();
  });
  const id = service === 's3' ? randomBytes(8).toString('hex').toUpperCase() : randomUUID();
  const record = newRecord(incoming, service, id, world);
  world.history.add(record);
  const call: Call = { incoming, id, record, clientGone: clientGone.signal };
  try {
    const reply = await answer(call, world);
    record.status = reply.status;
    record.outcome = 'answered';
    await sendReply(response, withServer(reply));
  } catch (error) {
    record.outcome = error instanceof DroppedReply ? 'dropped' : 'client_gone';
    throw error;
  }
}

async function answer(call: Call, world: World): Promise<Reply> {
  const { service } = call.record;
  try {
    if (service === 's3') return await handleS3(call, world);
    if (service === 'kms') return await handleJson(call, kms, world);
    if (service === 'sqs') return await handleJson(call, sqs, world);
    if (service === 'sts') return await handleQuery(call, sts, world);
    if (service === 'iam') return await handleQuery(call, iam, world);
    return unknownServiceReply(service, call);
  } catch (error) {
    if (error instanceof ClientGone || error instanceof DroppedReply) throw error;
    process.emitWarning(error instanceof Error ? error : String(error));
    const message = 'We encountered an internal error. Please try again.';
    call.record.code = 'InternalError';
    const bug = new AwsError(500, 'InternalError', message);
    if (service === 'kms') return jsonErrorReply(bug, call, kms);
    if (service === 'sqs') return jsonErrorReply(bug, call, sqs);
    return s3ErrorReply(bug, call);
  }
}

/**
 * One port serves all: the signature's scope tells which service the sender means. At a host
 * name of S3 it is for S3 to say that the scope is another's.
 */
function serviceOf(incoming: Incoming): string {
  const claim = readClaim(incoming);
  if (claim !== null && !isClaimFault(claim)) {
    const isOwn = ['sts', 'iam', 'kms', 'sqs'].includes(claim.service);
    return isOwn || !isS3Host(incoming.hostName) ? claim.service : 's3';
  }
  const target = incoming.headers.get('x-amz-target');
  if (target?.startsWith(`${kms.target}.`)) return 'kms';
  if (target?.startsWith(`${sqs.target}.`)) return 'sqs';
  const isForm = incoming.headers
    .get('content-type')
    ?.startsWith('application/x-www-form-urlencoded');
  // A token of an identity provider is sent unsigned, as a form or in the URL.
  const isCall = isForm ? incoming.method === 'POST' : incoming.query.has('Action');
  const isRoot = incoming.rawPath === '/' && bucketOfHost(incoming.hostName) === null;
  return isCall && isRoot ? 'sts' : 's3';
}

function newRecord(incoming: Incoming, service: string, id: string, world: World): RequestRecord {
  return {
    id,
    at: world.now().toISOString(),
    method: incoming.method,
    path: incoming.rawPath,
    service,
    operation: null,
    principal: null,
    resource: null,
    status: null,
    code: null,
    decision: null,
    because: null,
    statements: [],
    fault: null,
    faultEffect: null,
    outcome: 'under_way',
  };
}

function withServer(reply: Reply): Reply {
  return { ...reply, headers: { server: 'CausewaySandbox', ...reply.headers } };
}
