import type { Reply } from '../../http/reply.ts';
import type { Call, World } from '../../world.ts';
import { readTarget, type S3Target } from '../s3-target.ts';
import { matchCors, readCorsQuestion } from './match-cors.ts';

/**
 * Adds to an answer, a refusal too, what lets a page of another origin read it, if
 * the bucket's CORS rules say so. The request is answered in any case: it is the
 * browser that keeps an answer without these headers from the page.
 */
export function withCors(reply: Reply, { incoming }: Call, world: World): Reply {
  const question = readCorsQuestion(incoming.method, incoming.headers);
  if (!question || incoming.method === 'OPTIONS') return reply;
  const bucket = world.state.buckets.get(targetOf(incoming)?.bucket ?? '');
  const allowed = bucket?.cors ? matchCors(bucket.cors, question) : null;
  return allowed ? { ...reply, headers: { ...allowed, ...reply.headers } } : reply;
}

/** An address that cannot be read has been refused as such already. */
function targetOf(incoming: Call['incoming']): S3Target | null {
  try {
    return readTarget(incoming);
  } catch {
    return null;
  }
}
