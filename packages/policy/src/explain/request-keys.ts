import { valuesOf } from '../evaluate/match-condition.ts';
import type { ContextKeys } from '../evaluate/policy-variables.ts';
import type { Condition } from '../model.ts';

/**
 * Condition keys by which a policy protects something: how a request is sent, from where,
 * and how it proves itself. A refusal by one of them asks for another request, never for
 * a weaker policy.
 */
export function isProtection(key: string): boolean {
  return protections.test(key.toLowerCase());
}

const protections =
  /^(sts:externalid|aws:(securetransport|sourceip|vpcsourceip|sourcevpce?|multifactorauth(present|age))|s3:(tlsversion|signatureversion|signatureage|authtype|if-none-match|if-match|x-amz-(?!copy-source|metadata-directive).*))$/;

/** Whether the caller says it in the request, and so may leave it out or say it otherwise. */
function isParameter(key: string): boolean {
  return /^s3:(x-amz-.*|if-none-match|if-match|prefix|delimiter|max-keys)$/i.test(key);
}

/** What a request must be instead, so that a condition holds or does not. */
export interface Ask {
  readonly key: string;
  /** Null: the key must not be there. */
  readonly value: string | null;
  /** One imperative sentence, without full stop. */
  readonly text: string;
}

/**
 * Ways of asking otherwise that might make a condition hold, or not hold. The caller
 * tries them. Values that policies name come first.
 */
export function asksFor(
  condition: Condition,
  holds: boolean,
  named: readonly string[],
  context: ContextKeys,
): Ask[] {
  const key = condition.key.toLowerCase();
  if (!isProtection(key) && !(isParameter(key) && valuesOf(context, key).length === 0)) return [];
  // The values of `Null` say whether the key may be there, not what it is.
  const compared = condition.operator === 'Null' ? [] : condition.values;
  const written =
    key === 's3:signatureage'
      ? []
      : [...compared, ...named].flatMap((pattern) => exampleOf(key, pattern));
  const numbers = compared.flatMap((value) =>
    /^\d+(\.\d+)?$/.test(value) ? [String(Number(value) + 1), String(Number(value) - 1)] : [],
  );
  const usualValues = usual.get(key) ?? [];
  // A limit of the signature's age says how old it may be; a new one has no age.
  const isAge = key === 's3:signatureage';
  const values = isAge ? usualValues : [...new Set([...written, ...numbers, ...usualValues])];
  const asks = values.map((value) => ({ key, value, text: sentence(condition, value, holds) }));
  return isParameter(key) ? [...asks, { key, value: null, text: leaveOut(key) }] : asks;
}

/** A value that a pattern of a policy stands for. */
function exampleOf(key: string, pattern: string): string[] {
  if (pattern.includes('${')) return [];
  if (key === 'sts:externalid' && /[*?]/.test(pattern)) {
    return [pattern.replace(/\*/g, 'agreed').replace(/\?/g, 'x')];
  }
  const isRange = /^[\da-f.:]+\/\d+$/i.test(pattern);
  return [isRange ? pattern.replace(/\/\d+$/, '') : pattern.replace(/\*/g, '').replace(/\?/g, 'x')];
}

/** Values that AWS gives a meaning to, the one most often demanded first. */
const usual: ReadonlyMap<string, readonly string[]> = new Map([
  ['aws:securetransport', ['true']],
  ['aws:multifactorauthpresent', ['true']],
  ['s3:tlsversion', ['1.2', '1.3']],
  ['s3:signatureage', ['0']],
  ['s3:signatureversion', ['AWS4-HMAC-SHA256']],
  ['s3:authtype', ['REST-HEADER']],
  ['s3:if-none-match', ['*']],
  ['s3:x-amz-acl', ['bucket-owner-full-control']],
  ['s3:x-amz-server-side-encryption', ['AES256', 'aws:kms']],
]);

function sentence(condition: Condition, value: string, holds: boolean): string {
  const key = condition.key.toLowerCase();
  const name = key.slice(key.indexOf(':') + 1);
  const compared = condition.operator === 'Null' ? [value] : condition.values;
  const listed = compared.map((one) => JSON.stringify(one)).join(' or ');
  // Only a policy that lists what may pass says where a request may come from.
  const wanted = holds === /Not/.test(condition.operator) ? 'somewhere else' : listed;
  if (name === 'externalid') {
    const isExact = condition.values.includes(value);
    return `Pass the external ID${isExact ? ` "${value}"` : ''} that the role demands`;
  }
  if (name === 'securetransport') return 'Send the request over HTTPS';
  if (name === 'tlsversion') return `Send the request over TLS ${value} or newer`;
  if (name === 'sourceip' || name === 'vpcsourceip') return `Send the request from ${wanted}`;
  if (name === 'sourcevpce') return `Send the request through the VPC endpoint ${wanted}`;
  if (name === 'sourcevpc') return `Send the request from the VPC ${wanted}`;
  if (name === 'multifactorauthpresent') return 'Sign in with a second factor (MFA) first';
  if (name === 'multifactorauthage') return 'Sign in anew with a second factor (MFA)';
  if (name === 'signatureage') return 'Sign the request anew: its signature is too old';
  if (name === 'signatureversion' || name === 'authtype') {
    return `Sign the request so that ${condition.key} is "${value}"`;
  }
  if (/^(prefix|delimiter|max-keys)$/.test(name)) return `List with ${name}="${value}"`;
  return `Send the header ${headerOf(name)}: ${value}`;
}

function leaveOut(key: string): string {
  const name = key.slice(key.indexOf(':') + 1);
  const isListing = /^(prefix|delimiter|max-keys)$/.test(name);
  return `Leave out the ${isListing ? 'parameter' : 'header'} ${headerOf(name)}`;
}

function headerOf(name: string): string {
  return name === 'if-none-match' ? 'If-None-Match' : name === 'if-match' ? 'If-Match' : name;
}
