/** What crosses the wire: schemas, operations, errors. Browser-safe. */

export { Access, AccountId, Capability, ConnectionStatus, Owner } from './access.ts';
export { AccessKeyCreate, SecretKeys, SecretRotation } from './access-keys.ts';
export { asError } from './as-error.ts';
export { type CauseCode, causeCodes, causeOf, isCauseCode } from './check-causes.ts';
export {
  CheckCause,
  CheckFix,
  CheckOutcome,
  CheckReport,
  CheckStep,
  CheckStepId,
  checkStepIds,
  FixTarget,
  PatchOperation,
  Side,
  StoreGuarantees,
  Verdict,
} from './checks.ts';
export { compareInstants } from './compare-instants.ts';
export {
  AccessKey,
  Connection,
  type ConnectionBy,
  ConnectionCreate,
  ConnectionUpdate,
  ManagedBucketCreate,
  type ManagedConnection,
  type PlacedConnection,
  Region,
} from './connections.ts';
export {
  CustomerImport,
  CustomerLine,
  type ImportedLine,
  importLineLimit,
} from './customer-import.ts';
export { CustomerRule, ruleInWords } from './customer-rule.ts';
export {
  type ConnectProperty,
  Customer,
  CustomerCreate,
  CustomerUpdate,
  connectProperties,
} from './customers.ts';
export { Column, Dataset, DatasetCreate, DatasetUpdate, SchemaPolicy } from './datasets.ts';
export {
  Delivery,
  DeliveryCreate,
  DeliveryQuery,
  DeliveryStatus,
  DeliveryTerms,
  Mode,
  Window,
  WriteMode,
} from './deliveries.ts';
export { DeliveryHistory } from './delivery-history.ts';
export { DeliverySchedule, scheduleInWords } from './delivery-schedule.ts';
export { DeliveryUpdate } from './delivery-update.ts';
export {
  CorrectedDocument,
  Correction,
  DiagnosedDocument,
  Diagnosis,
  DiagnosisDemand,
  DiagnosisFinding,
  DiagnosisFix,
  needsPolicies,
  PastedPolicies,
} from './diagnosis.ts';
export { ErrorBody, toErrorBody } from './error-body.ts';
export type { Retry } from './error-entry.ts';
export {
  CausewayError,
  type ErrorCode,
  type ErrorDetails,
  errorCodes,
  traitsOf,
} from './errors.ts';
export {
  type ChainFault,
  ChainHead,
  EventChain,
  type EventChainQuery,
} from './event-chain.ts';
export { Actor, Event, EventQuery, EventType, eventTypes, systemActor } from './events.ts';
export { explainFullDisk } from './explain-full-disk.ts';
export { Compression, CsvForm, Format, mostRecordFiles } from './file-form.ts';
export { type FilterKind, filterIssue, filterKind } from './filter-issue.ts';
export { flowPrefix } from './flow-prefix.ts';
export { KeysForgotten, KeysToForget, mostKeysToForget } from './forgotten-keys.ts';
export { ConnectionHealth, type HealthFacts, healthOf, NextAction, worstStep } from './health.ts';
export { type IdKind, idPrefixes, newId, randomDigits } from './ids.ts';
export { IssuerKeyInfo, IssuerRotate, IssuerState } from './issuer.ts';
export {
  defaultKeyTemplate,
  type FilesInTemplate,
  fillTemplate,
  type KeyPlaceholder,
  keyPlaceholders,
  keyTemplateIssue,
  lastingPart,
} from './key-template.ts';
export { formatLocation, type Location, locationsOverlap, parseLocation } from './location.ts';
export {
  AccessChange,
  AccessDetails,
  ExternalIdChoice,
  ManagedBucketPreview,
  ManagedSettings,
  ProvisionRequest,
} from './managed-buckets.ts';
export {
  Manifest,
  ManifestFile,
  ManifestSignature,
  manifestVersion,
  PublicKeySet,
  ReceivedManifest,
  type UnsignedManifest,
  WeakerGuarantee,
} from './manifest.ts';
export type { OperationMeta, Page, PageQuery } from './operation-parts.ts';
export { Health, type Operations, operations } from './operations.ts';
export type { PostgresProblem } from './postgres-errors.ts';
export { nameOfPostgres, PostgresSource, PostgresTlsMode } from './postgres-source.ts';
export type { RecordIssue } from './push-errors.ts';
export { PushColumn, PushColumnType, PushSource } from './push-source.ts';
export { pushLimits, RecordsAccepted, recordsTypes } from './pushed-records.ts';
export { readLocation } from './read-location.ts';
export {
  largestReceiptBytes,
  Receipt,
  ReceiptBody,
  receiptFolder,
} from './receipts.ts';
export { formatRoleArn, parseRoleArn, type RoleName } from './role-arn.ts';
export { FilterCondition, type FilterOperator, type FilterValue, RowFilter } from './row-filter.ts';
export { sentColumns, sentKey } from './row-selection.ts';
export {
  customersDone,
  figuresOf,
  fractionDone,
  hasEnded,
  type RunFigures,
} from './run-figures.ts';
export {
  CancelRequest,
  RecipientRetry,
  RecipientState,
  Run,
  RunCreate,
  RunFailure,
  RunPhases,
  RunProgress,
  RunQuery,
  RunRecipient,
  RunRequests,
  RunState,
} from './runs.ts';
export {
  existingRoleStep,
  findGuideDocument,
  findGuideValue,
  guideDocument,
  guideValue,
  SetupDocument,
  SetupGuide,
  SetupRendering,
  SetupStep,
  SetupTool,
  SetupValue,
  setupOperations,
} from './setup-guide.ts';
export {
  ConnectSession,
  ConnectView,
  NewSetupLink,
  PlaceUpdate,
  SetupLink,
  SetupLinkCreate,
} from './setup-links.ts';
export {
  BucketSource,
  ColumnType,
  CsvOptions,
  FileSource,
  type FormedSource,
  formatOfName,
  HttpSource,
  nameOfSource,
  Source,
  SourceCompression,
  SourceFormat,
  SqlSource,
} from './sources.ts';
export {
  Webhook,
  WebhookAttempt,
  WebhookCreate,
  WebhookMessage,
  WebhookMessageQuery,
  WebhookMessageState,
  WebhookReplay,
  WebhookReplayed,
  WebhookRotate,
  WebhookStatus,
  WebhookUpdate,
  WebhookWithSecret,
} from './webhooks.ts';
export {
  KmsKeyArn,
  plainWriteOptions,
  StorageClass,
  taggingHeader,
  WriteOptions,
  WriteOptionsUpdate,
  writeOptionsOf,
} from './write-options.ts';
