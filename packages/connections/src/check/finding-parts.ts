import { type CauseCode, type CheckCause, causeOf, type Side } from '@causeway/contract';
import type { Fix } from './check-context.ts';

/** Adds to a policy whose `Statement` is a list, whatever is in it. */
export function addStatements(statements: readonly object[]): NonNullable<Fix['patch']> {
  return statements.map((value) => ({ op: 'add', path: '/Statement/-', value }));
}

/** Causes in their general words, most likely first. */
export function rankedCauses(...codes: readonly CauseCode[]): CheckCause[] {
  return codes.map((code) => ({ code, text: causeOf(code).text }));
}

export function sideOf(code: CauseCode): Side {
  return causeOf(code).side;
}

export function startHigh(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

export function startLow(text: string): string {
  return /^[A-Z][a-z]* /.test(text) && !/^(Causeway|STS|AWS|Object Lock)/.test(text)
    ? `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`
    : text;
}
