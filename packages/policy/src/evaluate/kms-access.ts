import type { Facts } from './facts.ts';

/**
 * Whether a request to a KMS key is made in the key's own account, or is of the few that AWS
 * lets other accounts make. Services ask in the name of a caller and in its account, or in their own.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
 */
export function isUsableAcrossAccounts({ caller, request, action }: Facts): boolean {
  if (caller.account === null || caller.account === request.resourceAccount) return true;
  return crossAccountActions.has(action);
}

const crossAccountActions: ReadonlySet<string> = new Set(
  [
    'CreateGrant',
    'Decrypt',
    'DeriveSharedSecret',
    'DescribeKey',
    'Encrypt',
    'GenerateDataKey',
    'GenerateDataKeyPair',
    'GenerateDataKeyPairWithoutPlaintext',
    'GenerateDataKeyWithoutPlaintext',
    'GenerateMac',
    'GetKeyRotationStatus',
    'GetPublicKey',
    'ListGrants',
    // One right for each of the two keys of the call ReEncrypt.
    'ReEncryptFrom',
    'ReEncryptTo',
    'RetireGrant',
    'RevokeGrant',
    'Sign',
    'Verify',
    'VerifyMac',
  ].map((name) => `kms:${name}`.toLowerCase()),
);
