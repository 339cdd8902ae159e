import type { Clock } from '../../clock.ts';
import { AwsError } from '../../http/aws-error.ts';
import { isJsonObject, type JsonObject } from '../../http/json-object.ts';
import { checkTags } from '../../query/tags.ts';
import type { OidcProviderRecord, Tags } from '../../state/records.ts';
import { type IssuerKeys, IssuerUnreachable } from './issuer-keys.ts';
import { hasKeyFor, isSignedBy, readToken, type Token } from './token.ts';

/** What a token of a registered issuer says, once all of it is verified. */
export interface WebIdentity {
  readonly provider: string;
  readonly subject: string;
  readonly audience: string;
  /** Condition keys named after the issuer, such as `issuer.example/path:sub`. */
  readonly keys: Readonly<Record<string, string | readonly string[]>>;
  readonly tags: Tags;
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity: string | null;
}

export interface VerifyDeps {
  readonly clock: Clock;
  readonly issuerKeys: IssuerKeys;
  /** The provider of this issuer in the account of the role. */
  readonly findProvider: (
    issuer: string,
  ) => { readonly arn: string; readonly record: OidcProviderRecord } | null;
}

/** How far the clock of an issuer may be ahead. */
const leewaySeconds = 300;

/**
 * Verifies a token of an identity provider: its form, that the account knows the
 * issuer, signature, audience, and time.
 *
 * A token comes from a clock that nobody moves, so its age counts by
 * {@link Clock.elapsedSince}, as that of a presigned URL does.
 *
 * @throws AwsError `InvalidIdentityToken`, `ExpiredTokenException` or `IDPCommunicationError`.
 */
export async function verifyToken(text: string, deps: VerifyDeps): Promise<WebIdentity> {
  const token = readToken(text);
  if (!token) {
    throw invalidToken(
      'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    );
  }
  const issuer = requiredText(token, 'iss');
  const provider = deps.findProvider(issuer);
  if (!provider) {
    throw invalidToken(`No OpenIDConnect provider found in your account for ${issuer}`);
  }
  await checkSignature(token, issuer, deps.issuerKeys);
  checkTimes(token, deps.clock);
  const audience = audienceOf(token).find((one) => provider.record.clientIds.includes(one));
  if (audience === undefined) throw invalidToken('Incorrect token audience');
  const subject = requiredText(token, 'sub');
  return {
    provider: provider.arn,
    subject,
    audience,
    keys: conditionKeys(token, issuer, subject, audience),
    ...sessionClaims(token),
  };
}

async function checkSignature(token: Token, issuer: string, keys: IssuerKeys): Promise<void> {
  // Issuers change their keys, now and then even under the same id.
  if (isSignedBy(token, keys.known(issuer) ?? [])) return;
  const published = await fetchKeys(issuer, keys);
  if (isSignedBy(token, published)) return;
  throw hasKeyFor(token, published)
    ? invalidToken('The signature of the token is not valid')
    : noKey();
}

async function fetchKeys(
  issuer: string,
  keys: IssuerKeys,
): Promise<NonNullable<ReturnType<IssuerKeys['known']>>> {
  try {
    return (await keys.fetch(issuer)) ?? [];
  } catch (error) {
    if (!(error instanceof IssuerUnreachable)) throw error;
    throw new AwsError(
      400,
      'IDPCommunicationError',
      'The identity provider that was asked to verify the incoming identity token could not be reached',
    );
  }
}

function checkTimes(token: Token, clock: Clock): void {
  const expires = requiredTime(token, 'exp');
  const issued = requiredTime(token, 'iat');
  const age = clock.elapsedSince(new Date(issued * 1000)) / 1000;
  if (age >= expires - issued) {
    const now = Math.floor(issued + age);
    throw new AwsError(
      400,
      'ExpiredTokenException',
      `Token expired: current date/time ${now} must be before the expiration date/time ${expires}`,
    );
  }
  const notBefore = token.claims['nbf'];
  const start = Math.max(issued, typeof notBefore === 'number' ? notBefore : 0);
  if (start > clock.baseTime().getTime() / 1000 + leewaySeconds) {
    throw invalidToken('The token is not valid yet');
  }
}

/** Whom a token is for: the authorized party, where it names one, goes before its audience. */
function audienceOf({ claims }: Token): string[] {
  const { azp, aud } = claims;
  if (typeof azp === 'string') return [azp];
  return (Array.isArray(aud) ? aud : [aud]).filter((one) => typeof one === 'string');
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif */
function conditionKeys(
  { claims }: Token,
  issuer: string,
  subject: string,
  audience: string,
): WebIdentity['keys'] {
  const name = issuer.replace(/^https?:\/\//, '');
  const { amr } = claims;
  const methods = (Array.isArray(amr) ? amr : [amr]).filter((one) => typeof one === 'string');
  return {
    [`${name}:sub`]: subject,
    [`${name}:aud`]: audience,
    ...(methods.length > 0 && { [`${name}:amr`]: methods }),
  };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp */
function sessionClaims({
  claims,
}: Token): Pick<WebIdentity, 'tags' | 'transitiveTagKeys' | 'sourceIdentity'> {
  const passed = objectOf(claims['https://aws.amazon.com/tags']);
  const tags = Object.entries(objectOf(passed['principal_tags'])).map(([key, value]) => {
    const single: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
    if (typeof single === 'string') return [key, single] as const;
    throw invalidToken(`The principal tag "${key}" of the token has no single value`);
  });
  checkTags(tags, 'InvalidParameterValue');
  const transitive = passed['transitive_tag_keys'];
  const source = claims['https://aws.amazon.com/source_identity'];
  return {
    tags: Object.fromEntries(tags),
    transitiveTagKeys: Array.isArray(transitive)
      ? transitive.filter((key) => typeof key === 'string')
      : [],
    sourceIdentity: typeof source === 'string' ? source : null,
  };
}

function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

function requiredText({ claims }: Token, name: string): string {
  const value = claims[name];
  if (typeof value === 'string' && value !== '') return value;
  throw invalidToken(`Missing a required claim: ${name}`);
}

function requiredTime({ claims }: Token, name: string): number {
  const value = claims[name];
  if (typeof value === 'number') return value;
  throw invalidToken(`Missing a required claim: ${name}`);
}

function noKey(): AwsError {
  return invalidToken(
    "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
  );
}

function invalidToken(message: string): AwsError {
  return new AwsError(400, 'InvalidIdentityToken', message);
}
