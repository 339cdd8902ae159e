import { isJsonObject } from '../http/json-object.ts';
/** What happens to a request that a fault catches. */
export type FaultEffect =
  /** Waits, unexecuted, until the fault is deleted (then it goes on) or its client goes away (then it never runs). */
  | { readonly type: 'hold' }
  /** Executes late, also when the client has gone meanwhile; at once when the fault is deleted. */
  | { readonly type: 'delay'; readonly milliseconds: number }
  /** Answers with an error and does nothing. */
  | ({ readonly type: 'fail_before' } & InjectedError)
  /** Executes, and answers with an error all the same. */
  | ({ readonly type: 'fail_after' } & InjectedError)
  /** Executes, and cuts the connection in place of an answer. */
  | { readonly type: 'drop_reply' }
  /** Executes, and withholds the answer until the fault is deleted or its client goes away, as a half-open connection does. */
  | { readonly type: 'hold_reply' }
  /** Does nothing and answers 200 with an error in the body, as S3 may on a completion; S3's is `InternalError` unless named. */
  | { readonly type: 'error_in_200'; readonly code?: string }
  /** Reads so much of the request's body, then cuts the connection; nothing is done. Of S3 alone. */
  | { readonly type: 'cut_request'; readonly afterBytes?: number }
  /** Executes, announces the whole answer, sends so much of its body, then cuts the connection. */
  | { readonly type: 'truncate_reply'; readonly afterBytes?: number }
  /** Executes as if it had come without these headers, as stores of another make do with what they do not know. Of S3 alone. */
  | { readonly type: 'ignore_headers'; readonly names: readonly string[] }
  /** Executes twice, as when something between client and server repeats a request, and gives the second answer. */
  | { readonly type: 'duplicate' };

export interface InjectedError {
  readonly status: number;
  readonly code: string;
  /** That of AWS for the usual codes when absent. */
  readonly message?: string;
}

/** Which requests a fault catches: those of an operation, perhaps on one bucket, some keys, or by somebody. */
export interface Fault {
  /** AWS's name, such as `CompleteMultipartUpload`; `*` for every operation. */
  readonly operation: string;
  readonly bucket?: string;
  readonly keyIncludes?: string;
  /** Part of the ARN of who asks. */
  readonly principalIncludes?: string;
  /** So many matching requests pass first. */
  readonly skip?: number;
  /** Of those that match then, each is caught with this probability, from 0 to 1; all when absent. */
  readonly probability?: number;
  /** So many are caught at most; no limit when absent. */
  readonly times?: number;
  /** What chance follows from: the same seed and the same requests give the same faults. 0 when absent. */
  readonly seed?: number;
  readonly effect: FaultEffect;
}

/** Faults that are put in force together, with one seed for all. */
export interface FaultRules {
  readonly seed: number;
  readonly rules: readonly Fault[];
}

/**
 * Reads one fault, or a plan of several as `{"seed", "rules"}`, from parsed JSON.
 *
 * @returns the faults, or one sentence for each thing that is wrong.
 */
export function readFaults(value: unknown): FaultRules | { readonly findings: readonly string[] } {
  if (!isJsonObject(value)) return { findings: ['the body is not a JSON object'] };
  if (!('rules' in value)) {
    const findings = faultFindings(value, [...faultNames, 'seed'], '');
    if (findings.length > 0) return { findings };
    const fault = value as unknown as Fault;
    return { seed: fault.seed ?? 0, rules: [fault] };
  }
  const findings = unknownNames(value, ['seed', 'rules'], '');
  if ('seed' in value && !isCount(value['seed'])) {
    findings.push('"seed" is not a whole number from 0');
  }
  const { rules } = value;
  if (!Array.isArray(rules) || rules.length === 0) findings.push('"rules" is not a list of faults');
  else
    findings.push(...rules.flatMap((rule, i) => faultFindings(rule, faultNames, `rules[${i}].`)));
  if (findings.length > 0) return { findings };
  return { seed: Number(value['seed'] ?? 0), rules: rules as readonly Fault[] };
}

const faultNames = [
  'operation',
  'bucket',
  'keyIncludes',
  'principalIncludes',
  'skip',
  'probability',
  'times',
  'effect',
];
const effectFields: Readonly<Record<FaultEffect['type'], readonly string[]>> = {
  hold: [],
  delay: ['milliseconds'],
  fail_before: ['status', 'code', 'message'],
  fail_after: ['status', 'code', 'message'],
  drop_reply: [],
  hold_reply: [],
  error_in_200: ['code'],
  cut_request: ['afterBytes'],
  truncate_reply: ['afterBytes'],
  duplicate: [],
  ignore_headers: ['names'],
};

function faultFindings(value: unknown, known: readonly string[], at: string): string[] {
  if (!isJsonObject(value)) return [`"${at.slice(0, -1)}" is not a JSON object`];
  const findings = unknownNames(value, known, at);
  if (typeof value['operation'] !== 'string' || value['operation'] === '') {
    findings.push(`"${at}operation" is not a name such as "CompleteMultipartUpload", or "*"`);
  }
  for (const name of ['bucket', 'keyIncludes', 'principalIncludes']) {
    if (name in value && typeof value[name] !== 'string') {
      findings.push(`"${at}${name}" is not a string`);
    }
  }
  for (const name of ['skip', 'times', 'seed']) {
    if (name in value && !isCount(value[name])) {
      findings.push(`"${at}${name}" is not a whole number from 0`);
    }
  }
  const { probability } = value;
  if (probability !== undefined && !isProbability(probability)) {
    findings.push(`"${at}probability" is not a number from 0 to 1`);
  }
  return [...findings, ...effectFindings(value['effect'], at)];
}

function effectFindings(effect: unknown, at: string): string[] {
  const type = isJsonObject(effect) ? effect['type'] : undefined;
  const fields =
    typeof type === 'string' && Object.hasOwn(effectFields, type)
      ? effectFields[type as FaultEffect['type']]
      : undefined;
  if (!isJsonObject(effect) || !fields) {
    const types = Object.keys(effectFields).map((name) => `"${name}"`);
    return [`"${at}effect.type" is not one of ${types.join(', ')}`];
  }
  const findings = unknownNames(effect, ['type', ...fields], `${at}effect.`);
  if (fields.includes('milliseconds') && !isCount(effect['milliseconds'])) {
    findings.push(`"${at}effect.milliseconds" is not a whole number from 0`);
  }
  if (effect['afterBytes'] !== undefined && !isCount(effect['afterBytes'])) {
    findings.push(`"${at}effect.afterBytes" is not a whole number from 0`);
  }
  if (fields.includes('status') && !isErrorStatus(effect['status'])) {
    findings.push(`"${at}effect.status" is not a number from 400 to 599`);
  }
  const needsCode = fields.includes('status') || effect['code'] !== undefined;
  if (fields.includes('code') && needsCode && typeof effect['code'] !== 'string') {
    findings.push(`"${at}effect.code" is not an error code such as "SlowDown"`);
  }
  if (fields.includes('names') && !isListOfNames(effect['names'])) {
    findings.push(`"${at}effect.names" is not a list of names of headers`);
  }
  if (effect['message'] !== undefined && typeof effect['message'] !== 'string') {
    findings.push(`"${at}effect.message" is not a text`);
  }
  return findings;
}

function unknownNames(
  value: Record<string, unknown>,
  known: readonly string[],
  at: string,
): string[] {
  return Object.keys(value)
    .filter((name) => !known.includes(name))
    .map((name) => `"${at}${name}" is not known`);
}

function isListOfNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isProbability(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 1;
}

function isErrorStatus(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 400 && Number(value) <= 599;
}
