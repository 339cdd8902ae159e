import type { JsonOperation, JsonService } from '../json-protocol/json-operation.ts';
import { missingMember } from '../json-protocol/members.ts';
import { createAlias, deleteAlias, listAliases, updateAlias } from './aliases.ts';
import {
  decrypt,
  encrypt,
  generateDataKey,
  generateDataKeyWithoutPlaintext,
  generateRandom,
  reEncrypt,
} from './cryptography.ts';
import { getKeyPolicy, listKeyPolicies, putKeyPolicy } from './key-policy.ts';
import { disableKeyRotation, enableKeyRotation, getKeyRotationStatus } from './key-rotation.ts';
import { listResourceTags, tagResource, untagResource } from './key-tags.ts';
import {
  cancelKeyDeletion,
  createKey,
  describeKey,
  disableKey,
  enableKey,
  listKeys,
  scheduleKeyDeletion,
  updateKeyDescription,
} from './keys.ts';
import { deniedAcrossAccounts, kmsError } from './kms-error.ts';

const operations: readonly JsonOperation[] = [
  createKey,
  describeKey,
  listKeys,
  updateKeyDescription,
  enableKey,
  disableKey,
  scheduleKeyDeletion,
  cancelKeyDeletion,
  getKeyPolicy,
  putKeyPolicy,
  listKeyPolicies,
  createAlias,
  updateAlias,
  deleteAlias,
  listAliases,
  enableKeyRotation,
  disableKeyRotation,
  getKeyRotationStatus,
  tagResource,
  untagResource,
  listResourceTags,
  encrypt,
  decrypt,
  reEncrypt,
  generateDataKey,
  generateDataKeyWithoutPlaintext,
  generateRandom,
];

/**
 * KMS with symmetric encryption keys. Left out: grants, asymmetric and HMAC keys,
 * imported material, multi-Region keys and custom key stores.
 */
export const kms: JsonService = {
  name: 'kms',
  target: 'TrentService',
  contentType: 'application/x-amz-json-1.1',
  operations: Object.fromEntries(operations.map((operation) => [operation.name, operation])),
  words: {
    missing: missingMember,
    denied: (message) => kmsError('AccessDeniedException', message),
    action: (action) => action,
    deniedAcrossAccounts,
  },
};
