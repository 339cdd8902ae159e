import type { Policy } from '../model.ts';
import type { GlobPiece } from './glob.ts';
import { type Candidate, compileAny, compileGlobs } from './glob-set.ts';
import { type ContextKeys, compileTemplate, couldFit, type Template } from './policy-variables.ts';

/** `arn`, partition, service, region, account and the rest, in which colons are plain text. */
export type ArnParts = readonly [string, string, string, string, string, string];

/** Splits an ARN, or a pattern for ARNs, at its first five colons; null if it has fewer. */
export function splitArn(text: string): ArnParts | null {
  if (!text.startsWith('arn:')) return null;
  return splitAt(text, text.includes('${') ? nextColon : plainColon);
}

function splitAt(text: string, next: typeof plainColon): ArnParts | null {
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

/** An ARN of a request. */
export interface Arn {
  readonly text: string;
  readonly parts: ArnParts;
}

/** Null if it is none. What a request names holds no variables: each colon is one. */
export function readArn(text: string): Arn | null {
  const parts = text.startsWith('arn:') ? splitAt(text, plainColon) : null;
  return parts && { text, parts };
}

/**
 * Whether an ARN matches; null stands for a text that is no ARN. The answer is null if a
 * variable without a value leaves it open.
 */
export type ArnMatcher = (arn: Arn | null, context: ContextKeys) => boolean | null;

/**
 * Makes patterns for ARNs ready, of which any may match: each part is matched by itself, and
 * `*` alone matches all, also what is no ARN.
 *
 * @param isResource as the element `Resource` has it: the service is never a pattern, and
 * variables stand only in the last part.
 */
export function compileArns(
  patterns: readonly string[],
  version: Policy['version'],
  isResource: boolean,
): ArnMatcher {
  if (patterns.some((pattern) => /^\*+$/.test(pattern))) return () => true;
  const wanted = patterns.map(splitArn).filter((parts) => parts !== null);
  const usable = wanted.filter(([, , service]) => !(isResource && /[*?]/.test(service)));
  const isOpen = (parts: ArnParts) => parts.some((part) => part.includes('${'));
  const matchesPlain = compileAny(usable.filter((parts) => !isOpen(parts)).map(plainArn), textOf);
  const open = usable.filter(isOpen).map((parts) => compileParts(parts, version, isResource));
  return (arn, context) => {
    if (arn === null) return false;
    if (matchesPlain(arn)) return true;
    return open.length > 0 && matchesOpen(open, arn, context);
  };
}

const textOf = ({ text }: Arn) => text;

function plainArn(wanted: ArnParts): Candidate<Arn> {
  let ready: ArnTemplates | null = null;
  return {
    pieces: [
      { text: `${wanted.slice(0, 5).join(':')}:`, literal: false, inPart: true },
      { text: wanted[5], literal: false },
    ],
    matches: ({ parts }) => {
      ready ??= compileParts(wanted, '2008-10-17', false);
      return matchesParts(ready, parts);
    },
  };
}

/** Patterns with variables; those without a value stand for anything in the pass that decides whether they matter. */
function matchesOpen(
  open: readonly ArnTemplates[],
  arn: Arn,
  context: ContextKeys,
): boolean | null {
  const resolved: GlobPiece[][] = [];
  const unresolved: GlobPiece[][] = [];
  for (const templates of open) {
    const parts = templates.map((template) => template(context)?.pieces ?? null);
    // A value that would reach over a colon is in no part but the last.
    if (parts.slice(0, 5).some((pieces) => pieces?.some(({ text }) => text.includes(':'))))
      continue;
    const list = parts.includes(null) ? unresolved : resolved;
    list.push(parts.flatMap((pieces, index) => partPieces(pieces, index)));
  }
  const fits = (pieces: GlobPiece[]) => couldFit(pieces, arn.text);
  if (compileGlobs(resolved.filter(fits))(arn.text)) return true;
  return compileGlobs(unresolved.filter(fits))(arn.text) ? null : false;
}

const anything: readonly GlobPiece[] = [{ text: '*', literal: false }];

/** In all parts but the last the wildcards do not pass a colon. */
function partPieces(pieces: readonly GlobPiece[] | null, index: number): GlobPiece[] {
  const own = pieces ?? anything;
  if (index === 5) return [...own];
  return [...own.map((piece) => ({ ...piece, inPart: true })), { text: ':', literal: true }];
}

type ArnTemplates = readonly Template[];

function compileParts(
  wanted: ArnParts,
  version: Policy['version'],
  isResource: boolean,
): ArnTemplates {
  return wanted.map((part, index) =>
    compileTemplate(part, isResource && index < 5 ? '2008-10-17' : version),
  );
}

const noKeys: ContextKeys = new Map();

/** Each part by itself: faster than the whole for a pattern that most ARNs do not match. */
function matchesParts(templates: ArnTemplates, parts: ArnParts): boolean {
  // From the end: the last part tells most ARNs apart.
  for (let index = 5; index > 0; index--) {
    if (!templates[index]?.(noKeys)?.matches(parts[index] ?? '')) return false;
  }
  return true;
}
