/** Datasets out: plan, prepare, commit, manifest, verify. */
export { executeRun, type RunOutcome } from './execute-run.ts';
export {
  type CommitPosition,
  type FileKind,
  type ForgetRequest,
  type JournaledUpload,
  type KeptFile,
  type Lease,
  LeaseLostError,
  type LeftUpload,
  type Lookback,
  leaseSeconds,
  type NotWanted,
  type OpenUpload,
  type RecipientChange,
  type RecipientWork,
  type ReplacedFile,
  type RunJournal,
  type RunWork,
  type SealedUpload,
  type StoredManifest,
  type WaitingRun,
} from './journal.ts';
export { parseManifestKey } from './object-keys.ts';
export { planWindow, type WindowPlan } from './plan-window.ts';
export { readManifest } from './read-manifest.ts';
export { notValid, parseReceipt, receiptKey } from './receipt.ts';
export type {
  BucketScope,
  FailureCause,
  NeededRows,
  OpenBucket,
  OpenSource,
  RunDeps,
  RunEvent,
} from './run-deps.ts';
export {
  newSigningKeyPem,
  openSigningKey,
  publicKeyEntry,
  rotateSigningKeyPem,
  type SigningKey,
  signManifest,
  verifySignature,
} from './signature.ts';
export {
  type DamagedManifest,
  newestManifests,
  type VerifyFinding,
  type VerifyInput,
  type VerifyReport,
  verifyDelivery,
} from './verify-delivery.ts';
