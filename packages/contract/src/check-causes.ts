import type { Side } from './checks.ts';

interface CauseEntry {
  /** Who usually has to act. */
  readonly side: Side;
  /** What it means, in a sentence that stands alone. */
  readonly text: string;
}

const customer = (text: string) => ({ side: 'customer', text }) as const;
const operator = (text: string) => ({ side: 'operator', text }) as const;
const aws = (text: string) => ({ side: 'aws', text }) as const;

/**
 * What a check may find wrong, by permanent code. Reword a text freely, never rename or
 * reuse a code: pages, scripts and events name it.
 */
const catalog = {
  invalid_location: operator('The location is not one that Causeway can use'),
  account_not_allowed: operator(
    "The account is the operator's own, whose roles need no external ID",
  ),
  // The operator's own credentials.
  operator_credentials_invalid: operator("AWS refuses the credentials of Causeway's process"),
  operator_account_changed: operator('Causeway runs as another account than customers were told'),
  operator_not_allowed: operator(
    "Causeway's own policies, boundary or organization do not let it assume customers' roles",
  ),
  clock_skewed: operator("The clock of Causeway's host is more than 15 minutes off"),
  credentials_expired: operator('The session has ended before its time'),
  session_token_invalid: operator('AWS does not know the session token'),
  request_altered: operator('What AWS received is not what Causeway has signed'),
  session_too_long: operator('A longer session was asked for than the role gives'),
  session_policy_too_large: operator('The policy that narrows the session is too large for STS'),
  sts_region_disabled: customer(
    "The STS of this region is not activated in the customer's account",
  ),
  sts_not_answered: operator('STS refused the question, and so said nothing about the role'),
  // The customer's role.
  role_not_assumable: customer('The role cannot be assumed, and STS does not say why'),
  role_missing: customer('There is no role of this name in the account'),
  trust_principal_missing: customer("The trust policy does not name Causeway's principal"),
  trust_other_principal_missing: customer(
    'The trust policy does not yet name the principal that Causeway moves to',
  ),
  trust_external_id_differs: customer('The trust policy demands another external ID'),
  not_spread_yet: aws('AWS is still spreading a change that was made within the last minute'),
  external_id_not_required: customer('The role can be assumed without an external ID'),
  external_id_not_enforced: customer('The role can be assumed with any external ID'),
  role_account_mismatch: customer('The session is of another account or role'),
  // Tokens in the place of an account.
  issuer_not_usable: operator('Causeway has no token of this issuer, or only for something else'),
  issuer_not_seen: operator("Causeway cannot read its own issuer's documents from where it runs"),
  issuer_keys_differ: operator("What is published at the issuer's address is not of this Causeway"),
  issuer_unreachable: operator("AWS cannot read the issuer's documents"),
  token_rejected: operator('AWS does not take the token, whatever the role says'),
  token_expired: operator('AWS holds the token for expired: a clock is off, or the file is stale'),
  oidc_provider_missing: customer(
    'The account has not registered the issuer as OpenID Connect provider',
  ),
  oidc_audience_missing: customer('The provider does not list the audience as client ID'),
  oidc_thumbprint_differs: customer(
    "The provider has a thumbprint of another certificate than the issuer's",
  ),
  trust_provider_missing: customer("The trust policy does not name the issuer's provider"),
  trust_subject_differs: customer('The trust policy demands another subject'),
  trust_audience_differs: customer('The trust policy demands another audience'),
  subject_not_enforced: customer('The role can be assumed with a token of any subject'),
  audience_not_enforced: customer('The role can be assumed with a token for another audience'),
  refusal_not_provable: operator(
    'Another issuer signs the tokens, and none is at hand that must be refused',
  ),
  // Keys.
  access_key_unknown: customer('AWS does not know the access key: deleted, inactive or mistyped'),
  access_key_missing: customer('No access key has been entered'),
  access_key_of_root: customer('The access key is that of the root user'),
  access_key_temporary: customer('The access key is temporary and ends by itself'),
  access_key_account_mismatch: customer('The access key belongs to another account'),
  access_key_old: customer('The access key has not been replaced for a long time'),
  store_lacks_guarantees: customer('The store does less than AWS to keep data whole'),
  secret_key_wrong: customer('The secret does not belong to the access key'),
  // The bucket.
  bucket_not_found: customer('There is no bucket of this name'),
  bucket_owner_mismatch: customer('The bucket belongs to another account'),
  bucket_settling: aws('The bucket was made a moment ago and its name has not settled'),
  bucket_disabled: aws('AWS has disabled all access to the bucket'),
  account_problem: aws('AWS has a problem with the account that prevents the operation'),
  account_not_signed_up: customer('The account is not signed up for the service'),
  region_unknown: aws('The store names no region'),
  region_wrong: operator('The bucket was asked for in another region than it is in'),
  endpoint_not_found: operator(
    'The name of the store has no address, or its certificate is not its own',
  ),
  // What the role or user may do.
  write_denied: customer('Objects cannot be written under the prefix'),
  list_denied: customer('Keys under the prefix cannot be listed'),
  read_denied: customer('Objects under the prefix cannot be read'),
  tagging_denied: customer('Tags cannot be put on objects under the prefix'),
  acl_denied: customer("The bucket's owner cannot be given full control of what is written"),
  delete_denied: customer('Objects under the prefix cannot be deleted'),
  abort_denied: customer('An upload that was begun cannot be aborted'),
  statement_missing: customer('No statement allows the action'),
  statement_on_wrong_arn: customer(
    "The statement names the bucket's ARN for an action on objects, or the objects' for one on the bucket",
  ),
  statement_prefix_differs: customer('The statement is for another prefix'),
  policy_not_attached: customer('The policy is not attached to this role or user'),
  boundary_denied: customer('The permissions boundary does not allow it'),
  session_policy_denied: operator('The policy of the session does not allow it'),
  organization_denied: customer("A policy of the customer's organization denies it"),
  endpoint_policy_denied: operator(
    'The policy of the VPC endpoint that the request came through does not allow it',
  ),
  explicit_deny: customer('A statement denies it explicitly'),
  acl_demanded: customer('The bucket policy denies uploads that name no access control list'),
  encryption_demanded: customer('The bucket policy denies uploads that do not name an encryption'),
  kms_encryption_demanded: customer(
    'The bucket policy denies uploads that do not name KMS encryption',
  ),
  tls_demanded: operator('The bucket policy denies requests over plain HTTP'),
  network_demanded: customer(
    'The bucket policy denies requests from outside certain addresses, VPC endpoints or organizations',
  ),
  acl_refused: customer('The bucket takes no access control lists'),
  // Buckets of the operator's.
  managed_bucket_missing: operator('The managed bucket was not made, or somebody has deleted it'),
  managed_not_readable: operator(
    'Causeway may not look at its own bucket or role: its policies lack a permission',
  ),
  managed_settings_changed: operator('Settings of the managed bucket were changed'),
  managed_policy_changed: operator('Statements of Causeway in the bucket policy were changed'),
  managed_policy_extended: operator('Somebody has added statements to the bucket policy'),
  managed_policy_open: operator('The bucket policy lets others in than the customer'),
  managed_access_revoked: operator("The customer's access was revoked"),
  managed_role_changed: operator('The role of the managed bucket was changed'),
  managed_role_open: operator('The role of the managed bucket lets others in than the customer'),
  // Keys of KMS.
  kms_role_denied: customer('The role or user may not use the key that encrypts the bucket'),
  kms_key_denied: customer("The key's own policy does not let the role or user use it"),
  kms_key_missing: customer(
    'The key that encrypts the bucket does not exist, or not in this region',
  ),
  kms_key_disabled: customer('The key that encrypts the bucket is disabled'),
  kms_key_deleting: customer('The key that encrypts the bucket is about to be deleted'),
  // The rest.
  object_locked: customer('Object Lock has demands of uploads that are not met'),
  object_archived: customer('The object is archived and must be restored before it is read'),
  scope_too_wide: customer('More is allowed than the connection needs'),
  cors_missing: customer("The bucket's CORS configuration does not let the pages in"),
  not_supported: operator('The store does not have the operation'),
  refused: customer('The store refused for a reason of its own'),
} as const satisfies Record<string, CauseEntry>;

export type CauseCode = keyof typeof catalog;

/** All codes, for the pages and tests that must cover each of them. */
export const causeCodes = Object.keys(catalog) as readonly CauseCode[];

export function causeOf(code: CauseCode): CauseEntry {
  return catalog[code];
}

export function isCauseCode(code: string): code is CauseCode {
  return Object.hasOwn(catalog, code);
}
