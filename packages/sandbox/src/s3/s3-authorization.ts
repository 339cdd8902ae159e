import type { Authenticated } from '../access/authenticate.ts';
import { authorize, type Demand, requestContext } from '../access/authorize.ts';
import { denialMessage } from '../access/denial-message.ts';
import { livePolicy } from '../access/named-principals.ts';
import type { BucketRecord } from '../state/records.ts';
import type { Call, World } from '../world.ts';
import { s3Settings } from './access/s3-settings.ts';
import { s3Context } from './s3-context.ts';
import { accessDenied } from './s3-error.ts';
import type { S3Demand, S3Request } from './s3-operation.ts';

/** How a request to S3 is held to the policies, for one caller and one bucket. */
export function s3Authorization(
  call: Call,
  world: World,
  operation: string,
  { caller, claim }: Authenticated,
  bucket: BucketRecord | null,
): Pick<S3Request, 'authorize' | 'complete' | 'isAllowed'> {
  const context = {
    ...requestContext(call.incoming, caller, claim, {
      now: world.now(),
      secureTransport: call.incoming.tlsVersion !== null,
    }),
    ...s3Context(call.incoming, claim, operation, world.clock),
  };
  const complete = (demand: S3Demand): Demand => ({
    ...demand,
    resourceAccount: bucket?.accountId ?? caller.accountId ?? '',
    resourcePolicy: bucket?.policy
      ? livePolicy(
          { document: bucket.policy, ids: bucket.policyPrincipalIds },
          { name: 'bucket policy', type: 'resource' },
          world,
        )
      : null,
    ...(bucket && { s3: s3Settings(world.state, bucket, demand) }),
  });
  return {
    complete,
    isAllowed: (demand) =>
      authorize(caller, complete(demand), context, world.organization).decision === 'allowed',
    authorize: (demand) => {
      const full = complete(demand);
      const decision = authorize(caller, full, context, world.organization);
      Object.assign(call.record, { resource: demand.resource, ...decision });
      if (decision.decision === 'allowed') return;
      const owner = full.s3?.objectOwner ?? full.resourceAccount;
      const sameAccount = [full.resourceAccount, owner].every((id) => id === caller.accountId);
      // AWS explains a refusal to members of the bucket's own account only.
      throw sameAccount
        ? accessDenied(denialMessage(caller, full, decision, `"${demand.resource}"`, true))
        : accessDenied();
    },
  };
}
