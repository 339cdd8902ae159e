import {
  CausewayError,
  type CheckCause,
  type Connection,
  type ErrorCode,
  type PlacedConnection,
  type Side,
} from '@causeway/contract';
import { safeWords } from '@causeway/objectstore';
import { accessStepsOf } from './access-steps.ts';
import { longestMessage, type Refused } from './attempt.ts';
import type { CheckContext, Finding } from './check-context.ts';
import type { CheckDeps } from './check-deps.ts';
import { endpointFinding } from './endpoint-finding.ts';
import { newContext } from './new-context.ts';
import { abortWanted } from './probe-write.ts';
import { isDenied, refusalFinding, signalFinding } from './refusal-finding.ts';
import { signalOf } from './signals.ts';
import { writeWanted } from './write-wanted.ts';

/** A failure in the words of a check. */
export interface ExplainedFailure {
  readonly message: string;
  readonly hint: string;
  readonly side: Side;
  readonly cause: string;
  readonly causes?: readonly CheckCause[];
}

/**
 * What the failure of a call to a customer's bucket or role comes from: the finding that a
 * check of the connection would have, had it met the same answer of AWS. Asks nobody.
 *
 * Null for what no check finds, such as an object that is there already.
 */
export function explainFailure(
  error: CausewayError,
  connection: Connection,
  deps: CheckDeps,
): ExplainedFailure | null {
  if (CausewayError.is(error, 'connection_not_ready')) return explainNotReady(error);
  const { bucket } = connection;
  if (bucket === null) return null;
  const finding = findingOf(error, { ...connection, bucket }, deps);
  if (finding?.cause === undefined) return null;
  const { message, side = 'customer', cause, causes, fix } = finding;
  return { message, hint: fix?.text ?? error.hint, side, cause, ...(causes && { causes }) };
}

/** What the last check found, and why nothing was even tried. */
function explainNotReady({
  message,
  hint,
  details: { side = 'customer', cause },
}: CausewayError<'connection_not_ready'>): ExplainedFailure | null {
  return cause === undefined ? null : { message, hint, side, cause };
}

function findingOf(
  error: CausewayError,
  connection: PlacedConnection,
  deps: CheckDeps,
): Finding | null {
  const unreachable = endpointFinding(connection, error);
  const answer = answerIn(error);
  if (unreachable || !answer) return unreachable;
  const access = accessStepsOf(connection.access);
  const { context, close } = newContext(connection, access, deps);
  try {
    if (answer.evidence.operation.startsWith('sts:')) {
      return access.refusedSession?.(context, answer) ?? null;
    }
    return findingOfBucket(context, answer);
  } finally {
    close();
  }
}

function findingOfBucket(context: CheckContext, answer: Refused): Finding | null {
  const wanted = wantedBy(context, answer);
  if (!isDenied(answer))
    return signalFinding(context, answer, wanted ?? { what: 'use the bucket' });
  return wanted && refusalFinding(context, answer, wanted);
}

function wantedBy(context: CheckContext, answer: Refused) {
  switch (answer.evidence.operation) {
    case 's3:CreateMultipartUpload':
    case 's3:UploadPart':
    case 's3:CompleteMultipartUpload':
    case 's3:PutObject':
      return writeWanted(context, answer);
    case 's3:AbortMultipartUpload':
      return abortWanted(context, answer);
    default:
      return null;
  }
}

/** AWS's own answer in an error of ours, whose cause is what the SDK threw; null if AWS gave none. */
function answerIn(error: CausewayError): Refused | null {
  const operation = operationOf(error);
  if (operation === null || !(error.cause instanceof Error)) return null;
  const { name, message } = error.cause;
  const isKnown = signalOf(name, message, 'role') ?? signalOf(name, message, 'access_key');
  // That AWS was not reached, or was busy, is no finding; a clock that is off is one.
  if (error.code === 'store_unavailable' && !isKnown) return null;
  // Answers without a body have no name.
  const code = (!isKnown && usualNames[error.code]) || name;
  return {
    ok: false,
    code,
    error: error.cause,
    evidence: { operation, code, message: safeWords(message, longestMessage) },
  };
}

/** What AWS calls the refusals that our codes stand for. */
const usualNames: Partial<Record<ErrorCode, string>> = {
  access_denied: 'AccessDenied',
  role_not_assumable: 'AccessDenied',
  bucket_not_found: 'NoSuchBucket',
  bucket_region_mismatch: 'PermanentRedirect',
};

/** The call, as evidence names it; null for failures of another kind. */
function operationOf({ code, details }: CausewayError): string | null {
  switch (code) {
    case 'role_not_assumable':
    case 'identity_token_rejected':
      return 'sts:AssumeRole';
    case 'bucket_not_found':
    case 'bucket_region_mismatch':
      return 's3:PutObject';
    case 'access_denied':
    case 'credentials_rejected':
    case 'store_refused':
    case 'store_unavailable': {
      const { operation } = details as { readonly operation: string };
      return `${operation.startsWith('AssumeRole') ? 'sts' : 's3'}:${operation}`;
    }
    default:
      return null;
  }
}
