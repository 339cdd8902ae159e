import { PolicySyntaxError, parsePolicy } from '@causeway/policy';
import { authorize } from '../access/authorize.ts';
import { checkPrincipals } from '../access/check-principals.ts';
import { principalIds, shownDocument } from '../access/named-principals.ts';
import type { AwsError } from '../http/aws-error.ts';
import type { JsonRequest } from '../json-protocol/json-operation.ts';
import type { KmsKeyRecord } from '../state/kms-records.ts';
import { keyDemand } from './key-demand.ts';
import { kmsError, notFound } from './kms-error.ts';
import { keyOperation } from './kms-operation.ts';

const maxPolicyLength = 32_768;

/** The policy of a key that was created without one: its account decides by identity policies. */
export function defaultKeyPolicy(accountId: string): string {
  const statement = {
    Sid: 'Enable IAM User Permissions',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${accountId}:root` },
    Action: 'kms:*',
    Resource: '*',
  };
  const document = { Version: '2012-10-17', Id: 'key-default-1', Statement: [statement] };
  return JSON.stringify(document, null, 2);
}

/**
 * The policy that a request gives to `key`, or null.
 *
 * @throws AwsError `MalformedPolicyDocumentException`, also when the caller could
 * not change it again and does not bypass that check.
 */
export function readKeyPolicy(
  request: JsonRequest,
  key: KmsKeyRecord,
): Pick<KmsKeyRecord, 'policy' | 'policyPrincipalIds'> | null {
  const { input, world } = request;
  const policy = input.optionalText('Policy', { min: 1, max: maxPolicyLength });
  if (policy === null) return null;
  const parsed = parse(policy);
  if (checkPrincipals(parsed, world) !== null) {
    throw malformed('Policy contains a statement with one or more invalid principals.');
  }
  const named = { policy, policyPrincipalIds: principalIds(parsed, world.iam) };
  if (!input.flag('BypassPolicyLockoutSafetyCheck')) refuseLockout(request, { ...key, ...named });
  return named;
}

export const getKeyPolicy = keyOperation('GetKeyPolicy', ({ input, world }, key) => {
  checkPolicyName(input.optionalText('PolicyName', { min: 1, max: 128 }));
  const shown = shownDocument(key.policy, key.policyPrincipalIds, world.iam);
  return { Policy: shown, PolicyName: 'default' };
});

export const putKeyPolicy = keyOperation(
  'PutKeyPolicy',
  (request, key) => {
    const { input, world } = request;
    checkPolicyName(input.optionalText('PolicyName', { min: 1, max: 128 }));
    if (key.manager === 'AWS') {
      throw kmsError(
        'UnsupportedOperationException',
        'The policy of an AWS managed key cannot be changed',
      );
    }
    input.text('Policy', { min: 1, max: maxPolicyLength });
    const changed = { ...key, ...readKeyPolicy(request, key) };
    world.state.commit(world.state.kmsKeys.put(key.id, changed));
    return null;
  },
  {
    context: ({ input }) => ({
      'kms:BypassPolicyLockoutSafetyCheck': String(input.flag('BypassPolicyLockoutSafetyCheck')),
    }),
  },
);

export const listKeyPolicies = keyOperation('ListKeyPolicies', () => ({
  PolicyNames: ['default'],
  Truncated: false,
}));

/**
 * What counts is the key policy: whether identity policies let the caller at
 * `kms:PutKeyPolicy` today is not asked, as they can be changed without the key.
 * {@link https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key}
 */
function refuseLockout({ caller, accountId, world }: JsonRequest, key: KmsKeyRecord): void {
  const demand = keyDemand('kms:PutKeyPolicy', { key, alias: null }, accountId, world);
  const able = { ...caller, identityPolicies: [anything], sessionPolicies: [], boundary: null };
  if (authorize(able, demand, {}, world.organization).decision === 'allowed') return;
  throw malformed('The new key policy will not allow you to update the key policy in the future.');
}

const anything = parsePolicy(
  { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
  { name: 'anything', type: 'identity' },
);

function parse(policy: string): ReturnType<typeof parsePolicy> {
  try {
    return parsePolicy(policy, { name: 'key policy', type: 'key' });
  } catch (error) {
    if (error instanceof PolicySyntaxError) throw malformed(error.message);
    throw error;
  }
}

function malformed(message: string): AwsError {
  return kmsError('MalformedPolicyDocumentException', message);
}

function checkPolicyName(name: string | null): void {
  if (name !== null && name !== 'default') throw notFound('No such policy exists');
}
