import type { Incoming } from '../http/incoming.ts';

/** Who a request says has signed it, and how. Nothing of this is proved yet. */
export interface Claim {
  readonly kind: 'header' | 'query' | 'form';
  readonly accessKeyId: string;
  /** `YYYYMMDD`, as in the credential scope. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly timestamp: string;
  /** Of a presigned URL only. */
  readonly expiresInSeconds: number | null;
  readonly sessionToken: string | null;
  /** The value of `x-amz-content-sha256`; null when it was not sent. */
  readonly payloadHash: string | null;
}

/** Why what a request says about its signature cannot be read. */
export interface ClaimFault {
  readonly fault: 'unsupported' | 'header_malformed' | 'query_malformed' | 'date_missing';
  readonly message: string;
}

/** Reads the `Authorization` header or the query of a presigned URL; null when the request is unsigned. */
export function readClaim(incoming: Incoming): Claim | ClaimFault | null {
  const authorization = incoming.headers.get('authorization');
  const presigned = incoming.query.has('X-Amz-Algorithm') || incoming.query.has('X-Amz-Signature');
  const isVersion2 = incoming.query.has('AWSAccessKeyId');
  if (authorization !== undefined && (presigned || isVersion2)) {
    return fault(
      'unsupported',
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
    );
  }
  if (authorization !== undefined) return readHeader(incoming, authorization);
  if (presigned) return readQuery(incoming);
  return isVersion2 ? unsupported : null;
}

export function isClaimFault(claim: Claim | ClaimFault | null): claim is ClaimFault {
  return claim !== null && 'fault' in claim;
}

const algorithm = 'AWS4-HMAC-SHA256';

const unsupported: ClaimFault = {
  fault: 'unsupported',
  message: `The authorization mechanism you have provided is not supported. Please use ${algorithm}.`,
};

function readHeader(incoming: Incoming, authorization: string): Claim | ClaimFault {
  if (!authorization.startsWith(`${algorithm} `)) return unsupported;
  const fields = new Map<string, string>();
  for (const field of authorization.slice(algorithm.length + 1).split(',')) {
    const equals = field.indexOf('=');
    fields.set(field.slice(0, equals).trim(), field.slice(equals + 1).trim());
  }
  const scope = readScope(fields.get('Credential') ?? '');
  const signedHeaders = fields.get('SignedHeaders');
  const signature = fields.get('Signature');
  if (!scope || !signedHeaders || !signature) {
    return fault(
      'header_malformed',
      'The authorization header is malformed; it needs Credential=<key>/<date>/<region>/<service>/aws4_request, SignedHeaders and Signature.',
    );
  }
  const timestamp = readTimestamp(incoming.headers);
  if (!timestamp) {
    return fault('date_missing', 'AWS authentication requires a valid Date or x-amz-date header');
  }
  return {
    kind: 'header',
    ...scope,
    signedHeaders: signedHeaders.split(';'),
    signature,
    timestamp,
    expiresInSeconds: null,
    sessionToken: incoming.headers.get('x-amz-security-token') ?? null,
    payloadHash: incoming.headers.get('x-amz-content-sha256') ?? null,
  };
}

function readQuery({ query, headers }: Incoming): Claim | ClaimFault {
  if (query.get('X-Amz-Algorithm') !== algorithm) {
    return fault(
      'query_malformed',
      `X-Amz-Algorithm only supports "${algorithm} and AWS4-ECDSA-P256-SHA256"`,
    );
  }
  const scope = readScope(query.get('X-Amz-Credential') ?? '');
  const signature = query.get('X-Amz-Signature');
  const signedHeaders = query.get('X-Amz-SignedHeaders');
  const timestamp = query.get('X-Amz-Date');
  const expires = query.get('X-Amz-Expires');
  if (!scope || !signature || !signedHeaders || !timestamp || expires === null) {
    return fault(
      'query_malformed',
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    );
  }
  if (!/^\d{8}T\d{6}Z$/.test(timestamp)) {
    return fault(
      'query_malformed',
      "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"",
    );
  }
  const expiresInSeconds = Number(expires);
  const expiresFault = checkExpires(expires, expiresInSeconds);
  if (expiresFault) return fault('query_malformed', expiresFault);
  return {
    kind: 'query',
    ...scope,
    signedHeaders: signedHeaders.split(';'),
    signature,
    timestamp,
    expiresInSeconds,
    sessionToken: query.get('X-Amz-Security-Token'),
    payloadHash: query.get('X-Amz-Content-Sha256') ?? headers.get('x-amz-content-sha256') ?? null,
  };
}

function checkExpires(text: string, seconds: number): string | null {
  if (!/^-?\d+$/.test(text)) return 'X-Amz-Expires should be a number';
  if (seconds < 0) return 'X-Amz-Expires must be non-negative';
  if (seconds > 604_800) {
    return 'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds';
  }
  return null;
}

type Scope = Pick<Claim, 'accessKeyId' | 'date' | 'region' | 'service'>;

function readScope(credential: string): Scope | null {
  const parts = credential.split('/');
  const [accessKeyId, date, region, service, end] = parts;
  if (parts.length !== 5 || !accessKeyId || !date || !region || !service) return null;
  return end === 'aws4_request' ? { accessKeyId, date, region, service } : null;
}

function readTimestamp(headers: ReadonlyMap<string, string>): string | null {
  const sent = headers.get('x-amz-date') ?? headers.get('date');
  if (sent === undefined) return null;
  if (/^\d{8}T\d{6}Z$/.test(sent)) return sent;
  const parsed = new Date(sent);
  return Number.isNaN(parsed.getTime()) ? null : toTimestamp(parsed);
}

/** `YYYYMMDDTHHMMSSZ`, the way signatures write a time. */
export function toTimestamp(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** The time that a timestamp means. */
export function fromTimestamp(timestamp: string): Date {
  return new Date(
    timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
}

function fault(kind: ClaimFault['fault'], message: string): ClaimFault {
  return { fault: kind, message };
}
