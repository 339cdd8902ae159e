import { managedDocument } from '../access/policies-of.ts';
import { element, text } from '../http/xml.ts';
import type { QueryOperation } from '../query/query-operation.ts';
import { type EntityKind, findEntity, ofEntity } from './find-entity.ts';
import { iamOperation, limitExceeded, noSuchEntity, pageOf } from './iam-operation.ts';
import { noSuchPolicy, policyArn } from './policy-arn.ts';

export const attachUserPolicy = attachPolicy('User');
export const attachRolePolicy = attachPolicy('Role');
export const attachGroupPolicy = attachPolicy('Group');
export const detachUserPolicy = detachPolicy('User');
export const detachRolePolicy = detachPolicy('Role');
export const detachGroupPolicy = detachPolicy('Group');
export const listAttachedUserPolicies = listAttached('User');
export const listAttachedRolePolicies = listAttached('Role');
export const listAttachedGroupPolicies = listAttached('Group');

const maxAttached = 10;

function attachPolicy(kind: EntityKind): QueryOperation {
  return iamOperation(`Attach${kind}Policy`, ofEntity(kind), (request) => {
    const { record, changed } = findEntity(request, kind);
    const arn = policyArn(request);
    if (managedDocument(arn, request.world.state) === null) throw noSuchPolicy(arn);
    const attachedPolicies = [...new Set([...record.attachedPolicies, arn])];
    if (attachedPolicies.length > maxAttached) {
      throw limitExceeded(`PoliciesPer${kind}`, maxAttached);
    }
    request.world.state.commit(changed({ attachedPolicies }));
    return null;
  });
}

function detachPolicy(kind: EntityKind): QueryOperation {
  return iamOperation(`Detach${kind}Policy`, ofEntity(kind), (request) => {
    const { record, changed } = findEntity(request, kind);
    const arn = policyArn(request);
    if (!record.attachedPolicies.includes(arn)) {
      throw noSuchEntity(`Policy ${arn} was not found.`);
    }
    const attachedPolicies = record.attachedPolicies.filter((attached) => attached !== arn);
    request.world.state.commit(changed({ attachedPolicies }));
    return null;
  });
}

function listAttached(kind: EntityKind): QueryOperation {
  return iamOperation(`ListAttached${kind}Policies`, ofEntity(kind), (request) => {
    const { record } = findEntity(request, kind);
    const { items, paging } = pageOf(record.attachedPolicies, request.parameters);
    return [
      element(
        'AttachedPolicies',
        items.map((arn) =>
          element('member', [
            text('PolicyName', arn.slice(arn.lastIndexOf('/') + 1)),
            text('PolicyArn', arn),
          ]),
        ),
      ),
      ...paging,
    ];
  });
}
