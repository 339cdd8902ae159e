import type { Decision } from '@causeway/policy';
import { AuthFailure, authenticate } from '../access/authenticate.ts';
import type { Demand } from '../access/authorize.ts';
import type { Caller } from '../access/caller.ts';
import { denialMessage } from '../access/denial-message.ts';
import { mustBeAllowed } from '../access/must-be-allowed.ts';
import { ErrorIn200, type FaultGate, faultGate } from '../faults/fault-gate.ts';
import { AwsError } from '../http/aws-error.ts';
import { readJsonObject } from '../http/json-object.ts';
import { readBody, readWhole } from '../http/read-body.ts';
import type { Reply } from '../http/reply.ts';
import type { Claim } from '../sigv4/claim.ts';
import { sha256 } from '../sigv4/signature.ts';
import type { Call, World } from '../world.ts';
import { jsonAuthError } from './json-auth-error.ts';
import type {
  FormProtocol,
  JsonOperation,
  JsonRequest,
  JsonResult,
  JsonService,
} from './json-operation.ts';
import { Members } from './members.ts';

/** Ten messages of SQS at their longest, with room for their quoting. */
const maxBodyBytes = 8 * 1024 * 1024;

/**
 * Answers a request to a service of the JSON protocol.
 *
 * @throws DroppedReply, ClientGone, or a bug.
 */
export async function handleJson(call: Call, service: JsonService, world: World): Promise<Reply> {
  try {
    const tooLarge = new AwsError(413, 'RequestEntityTooLargeException', 'Request is too large');
    const pieces = readBody(call.incoming, { kind: 'unsigned' });
    const body = (await readWhole(pieces, maxBodyBytes, tooLarge)).toString();
    const asked = read(call, service, body);
    call.record.operation = asked.name || null;
    const gate = faultGate(call, { operation: asked.name, bucket: null, key: null }, world);
    return gate.leave(await runOrRefuse(call, service, world, asked, gate));
  } catch (error) {
    return refusal(error, call, service);
  }
}

interface Asked {
  readonly name: string;
  readonly body: string;
  /** Null when the body is no JSON object. */
  readonly values: JsonResult | null;
}

function read(call: Call, service: JsonService, body: string): Asked {
  const form = formOf(call, service);
  if (form) return { ...form.read(call, body), body };
  // Nothing counts as an empty object.
  const values = body === '' ? {} : readJsonObject(body);
  return { name: operationName(call, service), values, body };
}

function formOf({ incoming }: Call, { form }: JsonService): FormProtocol | null {
  const type = incoming.headers.get('content-type') ?? '';
  return form && type.startsWith('application/x-www-form-urlencoded') ? form : null;
}

/** The operation that `X-Amz-Target` names; empty when it names one of another service. */
function operationName({ incoming }: Call, { target }: JsonService): string {
  const sent = incoming.headers.get('x-amz-target') ?? '';
  return sent.startsWith(`${target}.`) ? sent.slice(target.length + 1) : '';
}

async function runOrRefuse(
  call: Call,
  service: JsonService,
  world: World,
  asked: Asked,
  gate: FaultGate,
): Promise<Reply> {
  try {
    const { caller, claim } = identify(call, world, asked.body);
    const operation = findOperation(service, asked.name);
    const { values } = asked;
    if (values === null) throw new AwsError(400, 'SerializationException', 'Not a JSON object');
    const request: JsonRequest = {
      call,
      world,
      caller,
      accountId: caller.accountId ?? '',
      region: claim.region,
      input: new Members(values, service.words.missing),
    };
    for (const demand of operation.demands(request)) {
      mustBeAllowed(request, demand, claim, (decision, explained) =>
        denied(service, caller, demand, decision, explained),
      );
    }
    await gate.pass();
    return await gate.execute(async () =>
      success(call, service, operation.name, await operation.run(request)),
    );
  } catch (error) {
    return refusal(error, call, service);
  }
}

function identify(
  call: Call,
  world: World,
  body: string,
): { readonly caller: Caller; readonly claim: Claim } {
  try {
    const { caller, claim } = authenticate(call.incoming, () => sha256(body), world);
    if (claim === null) {
      throw new AwsError(
        400,
        'MissingAuthenticationTokenException',
        'Missing Authentication Token',
      );
    }
    call.record.principal = caller.arn;
    return { caller, claim };
  } catch (error) {
    throw error instanceof AuthFailure ? jsonAuthError(error.detail) : error;
  }
}

function findOperation({ operations }: JsonService, name: string): JsonOperation {
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (operation) return operation;
  throw new AwsError(
    400,
    'UnknownOperationException',
    name === '' ? 'The request names no operation' : `The sandbox does not have "${name}"`,
  );
}

function denied(
  { words }: JsonService,
  caller: Caller,
  demand: Demand,
  decision: Decision,
  explained: boolean,
): AwsError {
  const written = { ...demand, action: words.action(demand.action) };
  return words.denied(
    (explained ? null : words.deniedAcrossAccounts(caller, written)) ??
      denialMessage(caller, written, decision, demand.resource, explained),
  );
}

function success(call: Call, service: JsonService, name: string, result: JsonResult | null): Reply {
  const form = formOf(call, service);
  if (form) return form.success(call, name, result);
  const { contentType } = service;
  return {
    status: 200,
    headers: { 'content-type': contentType, 'x-amzn-requestid': call.id },
    body: result === null ? '' : JSON.stringify(result),
  };
}

function refusal(error: unknown, call: Call, service: JsonService): Reply {
  if (error instanceof ErrorIn200) {
    const inside = new AwsError(200, 'InternalFailure', 'We encountered an internal error.');
    return refusal(inside, call, service);
  }
  if (!(error instanceof AwsError)) throw error;
  call.record.code = error.code;
  return jsonErrorReply(error, call, service);
}

/** Writes a refusal in the protocol that the request was written in. */
export function jsonErrorReply(error: AwsError, call: Call, service: JsonService): Reply {
  const form = formOf(call, service);
  if (form) return form.refusal(call, error);
  return {
    status: error.status,
    headers: {
      'content-type': service.contentType,
      'x-amzn-requestid': call.id,
      'x-amzn-errortype': error.code,
      ...error.headers,
    },
    body: JSON.stringify({ __type: error.code, message: error.message }),
  };
}
