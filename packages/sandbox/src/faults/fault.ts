/** What happens to a request that a fault catches. */
export type FaultEffect =
  /** Waits, unexecuted, until the fault is deleted (then it goes on) or its client goes away (then it never runs). */
  | { readonly type: 'hold' }
  /** Executes late, also when the client has gone meanwhile; at once when the fault is deleted. */
  | { readonly type: 'delay'; readonly milliseconds: number }
  /** Answers with an error and does nothing. */
  | { readonly type: 'fail_before'; readonly status: number; readonly code: string }
  /** Executes, and answers with an error all the same. */
  | { readonly type: 'fail_after'; readonly status: number; readonly code: string }
  /** Executes, and cuts the connection in place of an answer. */
  | { readonly type: 'drop_reply' }
  /** Does nothing and answers 200 with an error in the body, as S3 may on a completion. */
  | { readonly type: 'error_in_200' };

/** Which requests a fault catches: those of an operation, perhaps on one bucket or on some keys. */
export interface Fault {
  /** AWS's name, such as `CompleteMultipartUpload`; `*` for every operation. */
  readonly operation: string;
  readonly bucket?: string;
  readonly keyIncludes?: string;
  /** So many matching requests pass first. */
  readonly skip?: number;
  /** So many are caught then; all of them when absent. */
  readonly times?: number;
  readonly effect: FaultEffect;
}

/**
 * Reads a fault from parsed JSON.
 *
 * @returns the fault, or one sentence for each thing that is wrong.
 */
export function readFault(value: unknown): Fault | readonly string[] {
  if (!isRecord(value)) return ['the body is not a JSON object'];
  const findings: string[] = unknownNames(value, faultNames, '');
  if (typeof value['operation'] !== 'string' || value['operation'] === '') {
    findings.push('"operation" is not a name such as "CompleteMultipartUpload", or "*"');
  }
  for (const name of ['bucket', 'keyIncludes']) {
    if (name in value && typeof value[name] !== 'string')
      findings.push(`"${name}" is not a string`);
  }
  for (const name of ['skip', 'times']) {
    if (name in value && !isCount(value[name]))
      findings.push(`"${name}" is not a whole number from 0`);
  }
  findings.push(...effectFindings(value['effect']));
  return findings.length > 0 ? findings : (value as unknown as Fault);
}

const faultNames = ['operation', 'bucket', 'keyIncludes', 'skip', 'times', 'effect'];
const effectFields: Readonly<Record<FaultEffect['type'], readonly string[]>> = {
  hold: [],
  delay: ['milliseconds'],
  fail_before: ['status', 'code'],
  fail_after: ['status', 'code'],
  drop_reply: [],
  error_in_200: [],
};

function effectFindings(effect: unknown): string[] {
  const type = isRecord(effect) ? effect['type'] : undefined;
  const fields =
    typeof type === 'string' && type in effectFields
      ? effectFields[type as FaultEffect['type']]
      : undefined;
  if (!isRecord(effect) || !fields) {
    const types = Object.keys(effectFields).map((name) => `"${name}"`);
    return [`"effect.type" is not one of ${types.join(', ')}`];
  }
  const findings = unknownNames(effect, ['type', ...fields], 'effect.');
  if (fields.includes('milliseconds') && !isCount(effect['milliseconds'])) {
    findings.push('"effect.milliseconds" is not a whole number from 0');
  }
  if (fields.includes('status') && !isErrorStatus(effect['status'])) {
    findings.push('"effect.status" is not a number from 400 to 599');
  }
  if (fields.includes('code') && typeof effect['code'] !== 'string') {
    findings.push('"effect.code" is not an error code such as "SlowDown"');
  }
  return findings;
}

function unknownNames(
  value: Record<string, unknown>,
  known: readonly string[],
  prefix: string,
): string[] {
  return Object.keys(value)
    .filter((name) => !known.includes(name))
    .map((name) => `"${prefix}${name}" is not known`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isErrorStatus(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 400 && Number(value) <= 599;
}
