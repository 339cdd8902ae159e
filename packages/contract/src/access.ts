import { z } from 'zod';

export const AccountId = z
  .string()
  .regex(/^[0-9]{12}$/, 'must be the 12 digits of an AWS account ID')
  .meta({ examples: ['222222222222'] });

/**
 * How Causeway and the customer reach the bucket.
 *
 * - `role`: the customer's role trusts the operator, with an external ID.
 * - `web_identity`: the customer's role trusts an OpenID Connect issuer; the operator needs no AWS account.
 * - `access_key`: keys of a user of the customer's, or of an S3-compatible store.
 * - `bucket_policy`: the operator's bucket, whose policy lets the customer's account in.
 * - `operator_role`: the operator's bucket and a role of the operator's that the customer assumes.
 */
export const Access = z.enum([
  'role',
  'web_identity',
  'access_key',
  'bucket_policy',
  'operator_role',
]);
export type Access = z.infer<typeof Access>;

/** Whose bucket it is. */
export const Owner = z.enum(['customer', 'operator']);
export type Owner = z.infer<typeof Owner>;

/**
 * What the connection is for; fixes the least permissions.
 *
 * - `deliver`: write under the prefix.
 * - `ingest`: list and read under the prefix.
 * - `browse`: list, read and write files by key, also from browsers.
 */
export const Capability = z.enum(['deliver', 'ingest', 'browse']);
export type Capability = z.infer<typeof Capability>;

/**
 * Where a connection stands.
 *
 * - `draft`: made; left by the first check that could be completed.
 * - `active`: the last check was healthy; the only status that flows may use.
 * - `needs_customer`: the last check failed on the customer's side.
 * - `failing`: the last check failed on the operator's side or AWS's.
 * - `insecure`: the role lets others in, or does not demand what makes it ours; flows are refused.
 * - `revoked`: what was active is no longer let in.
 * - `paused`: by a person; flows are refused until one resumes it.
 */
export const ConnectionStatus = z.enum([
  'draft',
  'active',
  'needs_customer',
  'failing',
  'insecure',
  'revoked',
  'paused',
]);
export type ConnectionStatus = z.infer<typeof ConnectionStatus>;
