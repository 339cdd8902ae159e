import { CausewayError } from '@causeway/contract';
import type { CheckContext, Finding } from './check-context.ts';
import { probeKey } from './start-upload.ts';

/** What pages ask of a bucket, and the headers that they send with it. */
const asked = [
  { method: 'PUT', headers: 'content-type' },
  { method: 'GET', headers: '' },
] as const;

/**
 * Asks as a browser does before a page of the operator's may use the bucket. A warning:
 * without it, files go through Causeway.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
 */
export async function probeCors(context: CheckContext): Promise<Finding> {
  const { browserOrigins = [] } = context.deps;
  if (browserOrigins.length === 0) {
    return {
      verdict: 'skipped',
      message: 'No page is configured to use buckets from browsers, so files go through Causeway',
    };
  }
  const answers = await Promise.all(
    browserOrigins.flatMap((origin) => asked.map((ask) => preflight(context, origin, ask))),
  );
  const refused = answers.filter(({ allowed }) => !allowed);
  const [first] = refused;
  if (!first) {
    return { verdict: 'passed', message: `Browsers may use it from ${browserOrigins.join(', ')}` };
  }
  const pages = [...new Set(refused.map(({ origin }) => origin))];
  const methods = [...new Set(refused.map(({ method }) => method))];
  return {
    verdict: 'warned',
    side: 'customer',
    cause: 'cors_missing',
    message: `Browsers may not ${methods.join(' and ')} from ${pages.join(', ')}`,
    fix: {
      document: 'cors',
      text: "Add these rules to the bucket's CORS configuration; keep those that are there",
      policy: context.documents['cors'],
    },
    evidence: { operation: 's3:OPTIONS', status: first.status, ...first.id },
  };
}

interface Preflight {
  readonly origin: string;
  readonly method: string;
  readonly allowed: boolean;
  readonly status: number;
  readonly id: { readonly requestId?: string };
}

async function preflight(
  context: CheckContext,
  origin: string,
  { method, headers }: (typeof asked)[number],
): Promise<Preflight> {
  const { signal } = context.deps;
  const response = await fetch(objectUrl(context), {
    method: 'OPTIONS',
    redirect: 'manual',
    ...(signal && { signal }),
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': method,
      ...(headers !== '' && { 'Access-Control-Request-Headers': headers }),
    },
  }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    const reason = cause instanceof Error ? cause.message : 'there was no answer';
    throw new CausewayError('store_unavailable', { operation: 's3:OPTIONS', reason }, { cause });
  });
  await response.body?.cancel();
  const letIn = response.headers.get('access-control-allow-origin');
  const requestId = response.headers.get('x-amz-request-id');
  return {
    origin,
    method,
    allowed: response.ok && (letIn === origin || letIn === '*'),
    status: response.status,
    id: requestId === null ? {} : { requestId },
  };
}

function objectUrl(context: CheckContext): string {
  const { connection, deps, region = 'us-east-1' } = context;
  const key = probeKey(context);
  if (deps.endpoint !== undefined) return `${deps.endpoint}/${connection.bucket}/${key}`;
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `https://${connection.bucket}.s3.${region}.${domain}/${key}`;
}
