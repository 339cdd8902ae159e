import { findGuideValue, type SetupGuide } from '@causeway/contract';

/**
 * A document with this connection's values replaced by the parameters of a template.
 * Every value is a whole text, or a known part of an ARN, so nothing is replaced that
 * only looks alike.
 */
export function parameterize(guide: SetupGuide, value: unknown): unknown {
  if (typeof value === 'string') return substitute(guide, value);
  if (Array.isArray(value)) return value.map((each) => parameterize(guide, each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, parameterize(guide, each)]),
  );
}

function substitute(guide: SetupGuide, text: string): unknown {
  const whole =
    guide.owner === 'operator'
      ? { BucketRoleArn: 'roleArn' }
      : { ExternalId: 'externalId', Subject: 'subject' };
  for (const [parameter, name] of Object.entries(whole)) {
    if (text === findGuideValue(guide, name)) return { Ref: parameter };
  }
  const written = placed(guide, text) ?? inAccount(guide, text);
  if (written === null) return text;
  const sub = { 'Fn::Sub': written };
  // A reference makes the stack register the issuer before the role that trusts it.
  return /:oidc-provider\//.test(text)
    ? { 'Fn::If': ['RegistersIssuer', { Ref: 'Issuer' }, sub] }
    : sub;
}

/** Bucket, objects under the prefix, and the prefix by itself. */
function placed(guide: SetupGuide, text: string): string | null {
  const bucket = findGuideValue(guide, 'bucket') ?? '';
  const prefix = findGuideValue(guide, 'prefix') ?? '';
  const arn = `arn:${guide.partition}:s3:::${bucket}`;
  if (text === arn || text.startsWith(`${arn}/`)) {
    const rest = text.slice(arn.length);
    if (guide.owner === 'operator') return `\${BucketArn}${rest}`;
    const named = `arn:${guide.partition}:s3:::\${BucketName}`;
    if (prefix !== '' && rest.startsWith(`/${prefix}`)) {
      return `${named}/\${Prefix}${rest.slice(prefix.length + 1)}`;
    }
    return `${named}${rest}`;
  }
  if (guide.owner === 'customer' && prefix !== '' && (text === prefix || text === `${prefix}*`)) {
    return `\${Prefix}${text.slice(prefix.length)}`;
  }
  return null;
}

/** The customer's account, in which the stack is. */
function inAccount(guide: SetupGuide, text: string): string | null {
  const start = `arn:${guide.partition}:iam::${guide.accountId}:`;
  if (guide.owner === 'operator' || !text.startsWith(start)) return null;
  return `arn:${guide.partition}:iam::\${AWS::AccountId}:${text.slice(start.length)}`;
}
