/** A bucket as a port, the S3 adapter, and the credentials to reach it. */
export {
  type AssumedRole,
  type AssumeRoleInput,
  assumeRole,
  type StsRefusal,
} from './assume-role.ts';
export {
  type AssumeRoleCredentialsInput,
  assumeRoleCredentials,
} from './assume-role-credentials.ts';
export {
  type AssumeRoleWithWebIdentityInput,
  assumeRoleWithWebIdentity,
} from './assume-role-with-web-identity.ts';
export {
  type CallerIdentity,
  type CallerIdentityInput,
  callerIdentity,
} from './caller-identity.ts';
export { createMemoryStore } from './create-memory-store.ts';
export { createS3Store, type S3Store } from './create-s3-store.ts';
export type { AwsCredentials, CredentialProvider, CredentialSource } from './credentials.ts';
export type { Digester, RunningDigest } from './digester.ts';
export { type AddressKind, addressKind } from './endpoints/address-kind.ts';
export { type EndpointRules, endpointRules } from './endpoints/endpoint-rules.ts';
export { type GuardedAgents, guardedAgents, requestBy } from './endpoints/guarded-agents.ts';
export type {
  CompleteUpload,
  CreateUpload,
  ListedObject,
  ObjectHead,
  ObjectReader,
  ObjectStore,
  PutObject,
  UploadedPart,
  UploadPart,
  WrittenObject,
} from './object-store.ts';
export { openFolder } from './open-folder.ts';
export { createPartMemory, type PartMemory, type PartMemoryOptions } from './part-memory.ts';
export {
  defaultPartSizeBytes,
  partSizeAt,
  planPartSize,
  smallestPartSizeBytes,
} from './plan-part-size.ts';
export type { RoleCredentials } from './renewed-credentials.ts';
export type { RequestWatch, SentRequest } from './request-watch.ts';
export type { S3ClientOptions } from './s3-client.ts';
export { type FoundObject, openS3Source, type S3Source } from './s3-source.ts';
export type { S3StoreOptions } from './s3-store-options.ts';
export { safeWords } from './safe-words.ts';
export { s3Settings, stsSettings } from './sdk-settings.ts';
export {
  cephPacificCapabilities,
  leastCapabilities,
  type StoreCapabilities,
  s3Capabilities,
} from './store-capabilities.ts';
export { createThreadedDigester, type ThreadedDigester } from './threaded-digester.ts';
export {
  mostSmallBytes,
  type PendingUpload,
  type SmallStreams,
  type UploadStreamInput,
  type UploadTarget,
  uploadStream,
} from './upload-stream.ts';
export {
  type WebIdentityCredentialsInput,
  webIdentityCredentials,
} from './web-identity-credentials.ts';
export { type WriteHeaders, writeHeaders } from './write-headers.ts';
