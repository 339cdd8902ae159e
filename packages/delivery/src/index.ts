/** Datasets out: plan, prepare, commit, manifest. */
export {
  type CommitPosition,
  type DeliveryConnection,
  type JournaledUpload,
  type Lease,
  LeaseLostError,
  leaseSeconds,
  type OpenUpload,
  type RecipientChange,
  type RecipientWork,
  type RunJournal,
  type RunWork,
  type SealedUpload,
  type StoredManifest,
} from './journal.ts';
