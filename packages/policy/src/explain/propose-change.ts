import { evaluate } from '../evaluate/evaluate.ts';
import { gatherFacts } from '../evaluate/facts.ts';
import type { AccessRequest, Decision } from '../model.ts';
import { PolicySyntaxError } from '../parse/policy-syntax-error.ts';
import { type Attached, type Attachments, applyEdit, policySetOf } from './attached-documents.ts';
import type { Candidate } from './change-candidate.ts';
import type { Change, Edit, Probe } from './explanation.ts';
import { demandsProtection, mendAllow } from './mend-allow.ts';
import { narrowDeny } from './narrow-deny.ts';
import { decideNeighbour, neighboursOf, opensMore } from './probes.ts';
import type { Ask } from './request-keys.ts';
import { whyImpossible } from './why-impossible.ts';
import { whyNothing } from './why-nothing.ts';

/** So many combinations of changes are tried before giving up; most cases need fewer than ten. */
const mostTries = 200;

/** A set of documents and a request on the way to being allowed. */
interface Attempt {
  readonly request: AccessRequest;
  readonly attachments: Attachments;
  readonly edits: readonly Edit[];
  readonly asks: readonly Ask[];
  readonly cost: number;
}

/**
 * The smallest change that allows a refused request: cheapest first, each attempt is
 * evaluated, what still refuses it is changed next, and what allows it must be proved
 * to leave every neighbour of the request as it was.
 */
export function proposeChange(request: AccessRequest, attachments: Attachments): Change {
  const impossible = whyImpossible(request);
  if (impossible !== null) return noChange(impossible);
  const waiting: Attempt[] = [{ request, attachments, edits: [], asks: [], cost: 0 }];
  for (let tries = 0; tries < mostTries; tries++) {
    const attempt = waiting.shift();
    if (!attempt) break;
    const decision = evaluate(attempt.request, policySetOf(attempt.attachments));
    if (decision.decision === 'allowed') {
      const unchanged = prove(attempt, attachments);
      if (unchanged) return changeOf(attempt, unchanged);
      continue;
    }
    for (const candidate of candidatesFor(attempt, decision)) {
      const next = take(attempt, candidate);
      if (next) waiting.push(next);
    }
    waiting.sort((one, other) => one.cost - other.cost);
  }
  return noChange(whyNothing(request, attachments));
}

function noChange(text: string): Change {
  return { of: 'nothing', text, edits: [], context: {}, unchanged: [] };
}

function candidatesFor(attempt: Attempt, decision: Decision): Candidate[] {
  const { request, attachments } = attempt;
  const set = policySetOf(attachments);
  const facts = gatherFacts(request, set);
  const { documents } = attachments;
  const of = (type: Attached['type']) => documents.filter((given) => given.type === type);
  const { deniedBy } = decision;
  if (deniedBy === undefined) return [];
  if (decision.decision === 'explicit_deny') return narrowDeny(facts, of(deniedBy), attachments);
  if (deniedBy === 'service control') {
    const levels = [...new Set(of(deniedBy).map(({ level }) => level))];
    const silent = levels.find((level) => {
      const only = set.serviceControlPolicies?.[level] ?? [];
      const asked = { serviceControlPolicies: [only] };
      return evaluate(request, asked).deniedBy === 'service control';
    });
    const level = of(deniedBy).filter((given) => given.level === silent);
    return mendAllow(facts, level, attachments);
  }
  const own = mendAllow(facts, of(deniedBy), attachments);
  if (deniedBy !== 'identity-based' || facts.caller.account !== request.resourceAccount) return own;
  if (demandsProtection(facts, of(deniedBy))) return own;
  // Within one account the resource can allow a caller that its own policies leave out.
  const instead = mendAllow(facts, of('resource-based'), attachments);
  return [...own, ...instead.map((each) => ({ ...each, cost: each.cost + 0.5 }))];
}

/** The attempt with one more change; null if AWS would refuse the document, or it opens more. */
function take(attempt: Attempt, { cost, edit, asks = [] }: Candidate): Attempt | null {
  const request = { ...attempt.request, context: asked(attempt.request.context, asks) };
  const repeats = asks.some((ask) => attempt.asks.some(({ key }) => key === ask.key));
  if (repeats) return null;
  const next = { ...attempt, request, asks: [...attempt.asks, ...asks], cost: attempt.cost + cost };
  if (!edit) return next;
  try {
    const attachments = applyEdit(attempt.attachments, edit);
    if (opensMore(edit.document, request, attempt.attachments, attachments)) return null;
    return { ...next, attachments, edits: [...attempt.edits, edit] };
  } catch (error) {
    if (error instanceof PolicySyntaxError) return null;
    throw error;
  }
}

function asked(context: AccessRequest['context'], asks: readonly Ask[]): AccessRequest['context'] {
  const changed = new Map(Object.entries(context));
  for (const { key, value } of asks) {
    for (const name of changed.keys()) if (name.toLowerCase() === key) changed.delete(name);
    if (value !== null) changed.set(key, value);
  }
  return Object.fromEntries(changed);
}

/** The neighbours with their decisions, if each is allowed or refused as it was before. */
function prove(attempt: Attempt, before: Attachments): Probe[] | null {
  if (attempt.edits.length === 0) return [];
  const facts = gatherFacts(attempt.request, policySetOf(before));
  const probes: Probe[] = [];
  for (const neighbour of neighboursOf(facts, before)) {
    const decision = decideNeighbour(neighbour, attempt.attachments);
    const was = decideNeighbour(neighbour, before);
    if ((decision === 'allowed') !== (was === 'allowed')) return null;
    probes.push({ what: neighbour.what, request: neighbour.request, decision });
  }
  return probes;
}

function changeOf({ edits, asks }: Attempt, unchanged: readonly Probe[]): Change {
  const of = asks.length === 0 ? 'policies' : edits.length === 0 ? 'request' : 'both';
  const text = [...asks.map((ask) => ask.text), ...edits.map((edit) => edit.text)].join('. ');
  const context = Object.fromEntries(asks.map(({ key, value }) => [key, value]));
  return { of, text, edits: mergeEdits(edits), context, unchanged };
}

/** All edits of one document as one, whose patch holds theirs in their order. */
function mergeEdits(edits: readonly Edit[]): Edit[] {
  const merged = new Map<string, Edit>();
  for (const edit of edits) {
    const before = merged.get(edit.document);
    merged.set(edit.document, before ? joinEdits(before, edit) : edit);
  }
  return [...merged.values()];
}

function joinEdits(one: Edit, next: Edit): Edit {
  return {
    ...one,
    statement: one.statement === next.statement ? one.statement : null,
    patch: [...one.patch, ...next.patch],
    text: `${one.text}. ${next.text}`,
  };
}
