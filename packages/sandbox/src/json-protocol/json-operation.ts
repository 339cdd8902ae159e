import type { Demand } from '../access/authorize.ts';
import type { Caller } from '../access/caller.ts';
import type { AwsError } from '../http/aws-error.ts';
import type { Reply } from '../http/reply.ts';
import type { Call, World } from '../world.ts';
import type { Members } from './members.ts';

/** What an answer says, ready for `JSON.stringify`. */
export type JsonResult = Readonly<Record<string, unknown>>;

/** A call of a service that speaks AWS's JSON protocol: KMS and SQS. */
export interface JsonOperation {
  /** By AWS's name. */
  readonly name: string;
  /** What the caller must be allowed to do. It may refuse bad input before. */
  readonly demands: (request: JsonRequest) => readonly Demand[];
  /** Null for an answer without a body. */
  readonly run: (request: JsonRequest) => JsonResult | null | Promise<JsonResult | null>;
}

export interface JsonRequest {
  readonly call: Call;
  readonly world: World;
  readonly caller: Caller;
  /** The account of the caller: these services know no anonymous one. */
  readonly accountId: string;
  /** One address serves every region, so the region signed for is the endpoint's. */
  readonly region: string;
  readonly input: Members;
}

export interface JsonService {
  readonly name: 'kms' | 'sqs';
  /** What `X-Amz-Target` says before the operation. */
  readonly target: string;
  readonly contentType: 'application/x-amz-json-1.0' | 'application/x-amz-json-1.1';
  readonly operations: Readonly<Record<string, JsonOperation>>;
  readonly words: ServiceWords;
  /** The protocol that older clients speak to it, if there is one. */
  readonly form?: FormProtocol;
}

/** Forms in, XML out, with the same members as in JSON. */
export interface FormProtocol {
  readonly read: (
    call: Call,
    body: string,
  ) => { readonly name: string; readonly values: JsonResult };
  readonly success: (call: Call, name: string, result: JsonResult | null) => Reply;
  readonly refusal: (call: Call, error: AwsError) => Reply;
}

/** How a service says what every service has to say. */
export interface ServiceWords {
  readonly missing: (member: string) => AwsError;
  readonly denied: (message: string) => AwsError;
  /** An action as the service writes it in a refusal. */
  readonly action: (action: string) => string;
  /** The whole sentence, where the service does not use the common one. */
  readonly deniedAcrossAccounts: (caller: Caller, demand: Demand) => string | null;
}
