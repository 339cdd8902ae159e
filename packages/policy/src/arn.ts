import type { Policy } from './model.ts';
import { type ContextKeys, compileTemplate } from './policy-variables.ts';

/** `arn`, partition, service, region, account and the rest, in which colons are plain text. */
export type ArnParts = readonly [string, string, string, string, string, string];

/** Splits an ARN, or a pattern for ARNs, at its first five colons; null if it has fewer. */
export function splitArn(text: string): ArnParts | null {
  if (!text.startsWith('arn:')) return null;
  const next = text.includes('${') ? nextColon : plainColon;
  const second = next(text, 4);
  const third = second < 0 ? -1 : next(text, second + 1);
  const fourth = third < 0 ? -1 : next(text, third + 1);
  const fifth = fourth < 0 ? -1 : next(text, fourth + 1);
  if (fifth < 0) return null;
  return [
    'arn',
    text.slice(4, second),
    text.slice(second + 1, third),
    text.slice(third + 1, fourth),
    text.slice(fourth + 1, fifth),
    text.slice(fifth + 1),
  ];
}

function plainColon(text: string, from: number): number {
  return text.indexOf(':', from);
}

/** A colon inside `${aws:username}` belongs to the variable. */
function nextColon(text: string, from: number): number {
  let colon = text.indexOf(':', from);
  let variable = text.indexOf('${', from);
  while (variable >= 0 && variable < colon) {
    const close = text.indexOf('}', variable);
    if (close < 0) return -1;
    if (colon < close) colon = text.indexOf(':', close);
    variable = text.indexOf('${', close);
  }
  return colon;
}

/**
 * Whether an ARN, given in its parts, matches; null parts stand for a text that is no ARN. The
 * answer is null if a variable without a value leaves it open.
 */
export type ArnMatcher = (parts: ArnParts | null, context: ContextKeys) => boolean | null;

/**
 * Makes a pattern for ARNs ready: each part is matched by itself, and `*` alone matches
 * all, also what is no ARN.
 *
 * @param isResource as the element `Resource` has it: the service is never a pattern, and
 * variables stand only in the last part.
 */
export function compileArn(
  pattern: string,
  version: Policy['version'],
  isResource: boolean,
): ArnMatcher {
  if (/^\*+$/.test(pattern)) return () => true;
  const wanted = splitArn(pattern);
  if (!wanted || (isResource && /[*?]/.test(wanted[2]))) return () => false;
  const templates = wanted.map((part, index) =>
    compileTemplate(part, isResource && index < 5 ? '2008-10-17' : version),
  );
  return (parts, context) => {
    if (parts === null) return false;
    let open = false;
    // From the end: the last part tells most ARNs apart.
    for (let index = 5; index > 0; index--) {
      const resolved = templates[index]?.(context);
      if (!resolved) open = true;
      else if (!resolved.matches(parts[index] ?? '')) return false;
    }
    return open ? null : true;
  };
}
