import type { DiagnosisFix } from '@causeway/contract';
import {
  type AccessRequest,
  applyJsonPatch,
  type DocumentSet,
  evaluate,
  type JsonPatch,
  parsePolicy,
} from '@causeway/policy';

/**
 * Spares a role or user in every Deny of a bucket policy that stands in its way, where no
 * smaller exception can be written: what it may do is then for its own policy to say. Null
 * where that would not help.
 */
export function exceptPrincipal(request: AccessRequest, set: DocumentSet): DiagnosisFix | null {
  const given = set.resourcePolicy;
  const arn = request.context['aws:PrincipalArn'];
  if (!given || typeof arn !== 'string') return null;
  const before = parsed(given.document);
  const { Statement } = before;
  const statements = Array.isArray(Statement) ? Statement : [Statement];
  const found = statements.flatMap((statement, index): JsonPatch[] => {
    if (!denies({ ...before, Statement: [statement] }, request)) return [];
    const at = Array.isArray(Statement) ? `/Statement/${index}` : '/Statement';
    return [exception(at, statement, arn)];
  });
  const patch = found.flat();
  if (patch.length === 0) return null;
  const policy = applyJsonPatch(before, patch) as object;
  if (denies(policy, request)) return null;
  const text = `Except "${arn}" from what the bucket policy denies, by the condition ArnNotEquals aws:PrincipalArn`;
  return { document: 'bucketPolicy', index: 0, text, patch, policy };
}

function parsed(document: string | object): { readonly Statement: unknown } {
  const json: unknown = typeof document === 'string' ? JSON.parse(document) : document;
  return json as { Statement: unknown };
}

function denies(document: object, request: AccessRequest): boolean {
  const policy = parsePolicy(document, { name: 'bucket policy', type: 'resource' });
  return evaluate(request, { resourcePolicy: policy }).decision === 'explicit_deny';
}

function exception(at: string, statement: unknown, arn: string): JsonPatch {
  const { Condition } = statement as { Condition?: Record<string, Record<string, unknown>> };
  const listed = Condition?.['ArnNotEquals'];
  if (!Condition) {
    const value = { ArnNotEquals: { 'aws:PrincipalArn': arn } };
    return [{ op: 'add', path: `${at}/Condition`, value }];
  }
  const before = [listed?.['aws:PrincipalArn'] ?? []].flat();
  const value = { ...listed, 'aws:PrincipalArn': before.length === 0 ? arn : [...before, arn] };
  return [{ op: 'add', path: `${at}/Condition/ArnNotEquals`, value }];
}
