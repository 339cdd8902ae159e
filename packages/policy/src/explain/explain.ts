import { isKeyAction, isTrustAction } from '../evaluate/consult.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import type { AccessRequest } from '../model.ts';
import { attach, policySetOf } from './attached-documents.ts';
import type { DocumentSet, Explanation } from './explanation.ts';
import { proposeChange } from './propose-change.ts';
import { reasonsFor } from './reasons.ts';

/**
 * Says why a request is allowed or refused, in a sentence for each type of policy, and
 * for a refused one the smallest change that would allow it.
 *
 * The change is proved before it is named: with it the request is allowed, and no
 * request around it (another caller, action, key, bucket, without the external ID, over
 * plain HTTP) is decided otherwise than before. What guards a resource is never
 * loosened; then the request is what must change.
 *
 * Takes documents, not parsed policies, because the change is a patch to a document.
 *
 * @throws PolicySyntaxError if a document is not a policy of its kind.
 * @throws Error if the request's principal cannot be one of AWS.
 */
export function explain(request: AccessRequest, documents: DocumentSet): Explanation {
  const kind = isTrustAction(request.action) ? 'trust' : isKeyAction(request) ? 'key' : 'resource';
  const attachments = attach(documents, kind);
  const policies = policySetOf(attachments);
  const { decision, because, statements } = evaluate(request, policies);
  return {
    decision,
    because,
    statements,
    reasons: reasonsFor(request, policies),
    change: decision === 'allowed' ? null : proposeChange(request, attachments),
  };
}
