/** A customer's bucket: how we reach it, how it is set up, whether it works. */
export {
  accessKeyCredentials,
  accessKeyPlace,
  accessKeySecret,
  type KeyPair,
  readAccessKey,
  type SecretReader,
} from './access-keys/access-key-secret.ts';
export {
  addAccessKey,
  type KeyOrigin,
  newAccessKey,
  removeAccessKey,
  requireKey,
  requireKeyAccess,
  useAccessKey,
} from './access-keys/change-access-keys.ts';
export { type IdentifyDeps, identifyAccessKey } from './access-keys/identify-access-key.ts';
export { type AccessDenial, parseAccessDenied } from './check/access-denied.ts';
export { checkConnection } from './check/check-connection.ts';
export type { CheckDeps } from './check/check-deps.ts';
export { type ExplainedFailure, explainFailure } from './check/explain-failure.ts';
export { statusAfter } from './check/status-after.ts';
export { type CreateConnectionDeps, createConnection } from './create-connection.ts';
export { diagnose } from './diagnose/diagnose.ts';
export { checkProperties, fillFromProperties } from './fill-from-properties.ts';
export { afterCheck } from './health/after-check.ts';
export { type Drift, driftBetween } from './health/drift.ts';
export { jittered } from './health/next-check.ts';
export { accessDetails } from './managed/access-details.ts';
export { changeAccess } from './managed/change-access.ts';
export { requireManaged } from './managed/managed-access.ts';
export type { ManagedDeps } from './managed/managed-deps.ts';
export { previewBucket } from './managed/preview-bucket.ts';
export { provisionBucket } from './managed/provision-bucket.ts';
export { revokeAccess } from './managed/revoke-access.ts';
export {
  type AccessDeps,
  notReady,
  openConnection,
  openReader,
  requirePlaced,
  type Scope,
} from './open-connection.ts';
export type { Operator } from './operator.ts';
export {
  accessesOfOperatorAccount,
  operatorAccountMissing,
  operatorWithoutAccount,
} from './operator-without-account.ts';
export { type RefusedField, refusedFields, refusedPlaceFields } from './refused-fields.ts';
export { openSecret, type SealedSecret, sealSecret, type WrappedKey } from './secrets/envelope.ts';
export { newKeyLine, parseKeyFile } from './secrets/file-key.ts';
export { type KeyEncryptionKey, type KeyRing, openKeyRing } from './secrets/key-ring.ts';
export { findKmsKey, type KmsAccess, kmsKey } from './secrets/kms-key.ts';
export { Secret } from './secrets/secret.ts';
export type { SecretPlace } from './secrets/secret-place.ts';
export {
  findKeyTroubles,
  type KeyState,
  type KeyUse,
  type Rotation,
  type SecretStore,
  type SecretVault,
  secretVault,
} from './secrets/secret-vault.ts';
export { launchUrl } from './setup/launch-url.ts';
export { publishTemplate, type TemplateBucket } from './setup/publish-template.ts';
export { type RenderOptions, renderSetup } from './setup/render-setup.ts';
export { setUpByLink } from './setup/set-up-by-link.ts';
export type { SetupOptions } from './setup/setup-documents.ts';
export { setupGuide } from './setup/setup-guide.ts';
export { confirmAccount, updateConnection } from './update-connection.ts';
export { type IdentityTokens, identityTokens } from './web-identity/identity-tokens.ts';
export {
  createIssuer,
  type DiscoveryDocument,
  type JsonWebKeySet,
  requireRegistrable,
  type TokenIssuer,
} from './web-identity/issuer.ts';
export type {
  IssuerKey,
  IssuerKeyChange,
  IssuerKeyStore,
  RsaPublicKey,
} from './web-identity/issuer-keys.ts';
export { privateKeyPlace } from './web-identity/issuer-keys.ts';
export { newTokenClaims } from './web-identity/new-token-claims.ts';
export type { Issuer, TokenClaims } from './web-identity/token-claims.ts';
