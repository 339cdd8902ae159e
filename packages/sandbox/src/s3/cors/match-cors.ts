import type { CorsRule } from '../../state/access-records.ts';

/** What a browser asks, in a preflight or with the request itself. */
export interface CorsQuestion {
  readonly origin: string;
  readonly method: string;
  /** In lower case. */
  readonly headers: readonly string[];
}

/** Reads a browser's question; null when the request is not from a page of another origin. */
export function readCorsQuestion(
  method: string,
  headers: ReadonlyMap<string, string>,
): CorsQuestion | null {
  const origin = headers.get('origin');
  if (origin === undefined) return null;
  const names = (headers.get('access-control-request-headers') ?? '').split(',');
  return {
    origin,
    method: headers.get('access-control-request-method') ?? method,
    headers: names.map((name) => name.trim().toLowerCase()).filter((name) => name !== ''),
  };
}

/**
 * Answers with the headers of the first rule that allows what is asked, or null.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html: a rule allows
 * when its origins, its methods and, for every header asked for, its headers do.
 * What a rule says of `*` is said of nobody in particular, so only other origins
 * are told that they may send credentials.
 */
export function matchCors(
  rules: readonly CorsRule[],
  question: CorsQuestion,
): Readonly<Record<string, string>> | null {
  for (const rule of rules) {
    const origin = rule.allowedOrigins.find((allowed) => matches(allowed, question.origin));
    const isAllowed =
      origin !== undefined &&
      rule.allowedMethods.includes(question.method) &&
      question.headers.every((name) =>
        rule.allowedHeaders.some((allowed) => matches(allowed.toLowerCase(), name)),
      );
    if (isAllowed) return corsHeaders(rule, origin, question);
  }
  return null;
}

function corsHeaders(
  rule: CorsRule,
  allowedBy: string,
  { origin, headers }: CorsQuestion,
): Record<string, string> {
  return {
    'access-control-allow-origin': allowedBy === '*' ? '*' : origin,
    ...(allowedBy !== '*' && { 'access-control-allow-credentials': 'true' }),
    'access-control-allow-methods': rule.allowedMethods.join(', '),
    ...(headers.length > 0 && { 'access-control-allow-headers': headers.join(', ') }),
    ...(rule.exposeHeaders.length > 0 && {
      'access-control-expose-headers': rule.exposeHeaders.join(', '),
    }),
    ...(rule.maxAgeSeconds !== null && {
      'access-control-max-age': String(rule.maxAgeSeconds),
    }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}

/** One wildcard at most, which stands for any characters. */
function matches(pattern: string, value: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === value;
  const end = pattern.slice(star + 1);
  return (
    value.length >= pattern.length - 1 &&
    value.startsWith(pattern.slice(0, star)) &&
    value.endsWith(end)
  );
}
