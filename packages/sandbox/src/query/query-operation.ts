import type { Decision } from '@causeway/policy';
import type { Demand } from '../access/authorize.ts';
import type { Caller } from '../access/caller.ts';
import type { AwsError } from '../http/aws-error.ts';
import type { Call, World } from '../world.ts';
import type { Parameters } from './parameters.ts';

/** A call of a service that speaks AWS's query protocol: STS and IAM. */
export interface QueryOperation {
  /** By AWS's name. */
  readonly name: string;
  /**
   * Finds out who calls, where that is not told by a signature: for the calls that
   * a token of an identity provider stands behind.
   */
  readonly identify?: (request: Omit<QueryRequest, 'caller' | 'accountId'>) => Promise<Caller>;
  /** What the caller must be allowed to do. It may refuse bad parameters before. */
  readonly demands: (request: QueryRequest) => readonly Demand[];
  /** How a demand is refused, where not in AWS's usual words. */
  readonly refusal?: (demand: Demand, decision: Decision) => AwsError;
  /** The elements of the result; null for an answer that has none. */
  readonly run: (request: QueryRequest) => readonly string[] | null;
}

export interface QueryRequest {
  readonly call: Call;
  readonly world: World;
  readonly caller: Caller;
  /** The account of the caller; empty where the caller is an identity provider. */
  readonly accountId: string;
  readonly parameters: Parameters;
}

export interface QueryService {
  readonly name: 'sts' | 'iam';
  readonly namespace: string;
  readonly operations: Readonly<Record<string, QueryOperation>>;
}
