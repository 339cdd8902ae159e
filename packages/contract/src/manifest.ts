import { z } from 'zod';
import { Column } from './datasets.ts';
import { Mode } from './deliveries.ts';
import { Compression, CsvForm, Format } from './file-form.ts';

/** One delivered file. */
export const ManifestFile = z.object({
  key: z.string(),
  rows: z.int(),
  bytes: z.int(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  etag: z.string(),
});
export type ManifestFile = z.infer<typeof ManifestFile>;

export const ManifestSignature = z.object({
  algorithm: z.literal('Ed25519'),
  publicKeyId: z.string(),
  value: z
    .string()
    .describe('Base64 of the signature over the canonical JSON of all other members'),
});

/**
 * What was weaker for a delivery than on S3, since its store lacks it:
 *
 * - `create_only`: of two that write one key within a moment, the later would have won.
 * - `checksums`: the store verified nothing; only the signature of each request did.
 * - `bucket_owner`: nothing told the bucket from one of the same name of somebody else's.
 */
export const WeakerGuarantee = z.enum(['create_only', 'checksums', 'bucket_owner']);
export type WeakerGuarantee = z.infer<typeof WeakerGuarantee>;

/** The version of the manifests that are written, and the only one that is read. */
export const manifestVersion = 1;

/**
 * What a receiver reads: which files make up a delivery, and the proof. Written
 * last, create-only; before it exists there is no delivery. Others read this
 * shape: fields are added, never renamed (design, section 5).
 */
export const Manifest = z
  .object({
    version: z.literal(manifestVersion),
    runId: z.string(),
    deliveryId: z.string(),
    dataset: z.string(),
    customer: z.string(),
    mode: Mode,
    window: z.object({ from: z.string().nullable(), to: z.string() }),
    lookback: z
      .strictObject({ from: z.string() })
      .optional()
      .describe('Its rows also are those from here to the window that were not sent before'),
    sequence: z.int().min(1),
    previousRunId: z.string().nullable(),
    startedAt: z.string(),
    completedAt: z.string(),
    format: Format,
    compression: Compression,
    layout: z
      .object({ prefix: z.string(), keyTemplate: z.string() })
      .optional()
      .describe('Where its files were written: the prefix of all keys, and how they go on'),
    csv: CsvForm.optional().describe('How its CSV files are written'),
    schema: z.array(Column),
    primaryKey: z.array(z.string()),
    rows: z.int(),
    bytes: z.int(),
    files: z.array(ManifestFile),
    tombstones: z
      .array(ManifestFile)
      .describe('Files of the primary keys of rows that are deleted, in the form of the others'),
    replaces: z
      .array(z.string())
      .optional()
      .describe('Runs whose files are deleted now that these are there; absent: none'),
    weakerGuarantees: z
      .array(WeakerGuarantee)
      .optional()
      .describe('What the store lacks of what S3 guarantees; absent: nothing'),
    signature: ManifestSignature,
  })
  .meta({ id: 'Manifest' });
export type Manifest = z.infer<typeof Manifest>;
export type UnsignedManifest = Omit<Manifest, 'signature'>;

/**
 * A manifest as a receiver reads it, whose sender may be newer: members that it does not know
 * are passed over, and what is one of a list is any text, since lists grow. What changes the
 * meaning of a member that there is has another `version`.
 */
export const ReceivedManifest = z.object({
  ...Manifest.shape,
  mode: z.string(),
  format: z.string(),
  compression: z.string(),
  csv: z.record(z.string(), z.unknown()).optional(),
  weakerGuarantees: z.array(z.string()).optional(),
});
export type ReceivedManifest = z.infer<typeof ReceivedManifest>;

/** The operator's public keys, as served at `/.well-known/causeway-keys.json`. */
export const PublicKeySet = z
  .object({
    keys: z.array(
      z.object({
        id: z.string(),
        algorithm: z.literal('Ed25519'),
        publicKey: z.string().describe('Base64 of the 32 raw bytes'),
      }),
    ),
  })
  .meta({ id: 'PublicKeySet' });
export type PublicKeySet = z.infer<typeof PublicKeySet>;
