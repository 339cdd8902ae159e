import type { Statement } from '../model.ts';
import type { Attached } from './attached-documents.ts';
import type { Edit } from './explanation.ts';
import type { JsonPatch } from './json-patch.ts';
import type { Ask } from './request-keys.ts';

/** One step towards an allowed request: a change of one document, or of the request. */
export interface Candidate {
  /** Smaller changes cost less. */
  readonly cost: number;
  readonly edit?: Edit;
  readonly asks?: readonly Ask[];
}

/** What each kind of change costs beside the others: the proof takes the cheapest that holds. */
export const costs = {
  ask: 1,
  addValue: 2,
  removeValue: 3,
  addStatement: 6,
  addDocument: 6.2,
  removeStatement: 7,
  splitStatement: 9,
} as const;

export function editOf(
  given: Attached,
  statement: string | null,
  patch: JsonPatch,
  text: string,
): Edit {
  return { document: given.path, type: given.type, name: given.name, statement, patch, text };
}

/** What a customer calls the document. */
export function documentLabel(given: Attached): string {
  const named = given.name === given.path ? '' : ` "${given.name}"`;
  switch (given.kind) {
    case 'resource':
      return 'the bucket policy';
    case 'key':
      return 'the key policy';
    case 'trust':
      return "the role's trust policy";
    case 'boundary':
      return 'the permissions boundary';
    case 'session':
      return `the session policy${named}`;
    case 'identity':
      return `the identity policy${named === '' ? ` ${given.path}` : named}`;
    case 'endpoint':
      return `the VPC endpoint policy${named}`;
    case 'service-control':
      return `the service control policy${named === '' ? ` ${given.path}` : named}`;
    case 'resource-control':
      return `the resource control policy${named === '' ? ` ${given.path}` : named}`;
  }
}

export function statementLabel({ sid }: Statement, index: number): string {
  return sid === null ? `statement ${index + 1}` : `statement "${sid}"`;
}
