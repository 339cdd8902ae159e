import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { CausewayError } from '@causeway/contract';
import { requestBy } from '@causeway/objectstore';
import { reachOf } from '../access-keys/store-reach.ts';
import { awsTimeouts } from '../aws-timeouts.ts';
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
  const answer = await ask(context, {
    Origin: origin,
    'Access-Control-Request-Method': method,
    ...(headers !== '' && { 'Access-Control-Request-Headers': headers }),
  });
  const status = answer.statusCode ?? 0;
  if (status >= 500 || status === 429) throw unavailable(`the answer was ${status}`);
  const letIn = answer.headers['access-control-allow-origin'];
  const requestId = answer.headers['x-amz-request-id'];
  return {
    origin,
    method,
    allowed: status >= 200 && status < 300 && (letIn === origin || letIn === '*'),
    status,
    id: typeof requestId === 'string' ? { requestId } : {},
  };
}

/** Not by `fetch`, which has no agents: a store of the customer's choice is reached by guarded ones alone. */
async function ask(
  context: CheckContext,
  headers: Readonly<Record<string, string>>,
): Promise<IncomingMessage> {
  const { deps, connection } = context;
  const { timeouts = awsTimeouts } = deps;
  const { endpoint, agents } = reachOf(connection, deps);
  const signals = [AbortSignal.timeout(timeouts.requestTimeout)];
  const request = requestBy(agents, objectUrl(context, endpoint), {
    method: 'OPTIONS',
    headers,
    signal: AbortSignal.any(deps.signal ? [deps.signal, ...signals] : signals),
  });
  request.end();
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    return response;
  } catch (error) {
    deps.signal?.throwIfAborted();
    throw unavailable(error instanceof Error ? error.message : 'there was no answer', error);
  }
}

function unavailable(reason: string, cause?: unknown): CausewayError {
  return new CausewayError('store_unavailable', { operation: 's3:OPTIONS', reason }, { cause });
}

/** As the SDK asks: names with dots are on no certificate, so they stand in the path. */
function objectUrl(context: CheckContext, endpoint: string | undefined): URL {
  const { connection, region = 'us-east-1' } = context;
  const { bucket } = connection;
  const key = probeKey(context);
  if (endpoint !== undefined) return new URL(`${endpoint}/${bucket}/${key}`);
  const domain = `s3.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`;
  return new URL(
    bucket.includes('.')
      ? `https://${domain}/${bucket}/${key}`
      : `https://${bucket}.${domain}/${key}`,
  );
}
