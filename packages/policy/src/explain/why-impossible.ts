import {
  type ActionInfo,
  actionInfo,
  actionsLike,
  s3ResourceTypes,
} from '../actions/action-info.ts';
import { nearestAction } from '../actions/nearest-action.ts';
import type { AccessRequest } from '../model.ts';

/**
 * What to ask instead of a request that AWS never decides: one for an action that it does
 * not have, or for one on a kind of resource that the action does not work on. A change
 * that allows it would allow nothing. Null for all others.
 */
export function whyImpossible({ action, resource }: AccessRequest): string | null {
  const info = actionInfo(action);
  if (!info) {
    const service = action.slice(0, Math.max(0, action.indexOf(':')));
    if (service === '' || actionsLike(`${service}:*`) === null) return null;
    const nearest = nearestAction(action);
    const meant = nearest === null ? '' : `, but "${nearest}"`;
    return `Ask for an action that AWS has: there is no "${action}"${meant}`;
  }
  const types = s3ResourceTypes(resource);
  const [only] = types;
  if (types.length !== 1 || info.resourceTypes.length === 0) return null;
  if (only === undefined || info.resourceTypes.includes(only)) return null;
  return `Ask for ${action} on ${placeOf(info)}: AWS never asks a policy for it on "${resource}"`;
}

function placeOf({ resourceTypes }: ActionInfo): string {
  if (resourceTypes.includes('object')) return 'an object';
  return resourceTypes.includes('bucket') ? 'a bucket' : `a resource of type ${resourceTypes[0]}`;
}
