import {
  findGuideDocument,
  findGuideValue,
  guideDocument,
  type SetupGuide,
} from '@causeway/contract';
import type { CorsConfiguration, LifecycleConfiguration } from '@causeway/policy';
import { parameterize } from './parameterize.ts';

interface TemplateParts {
  readonly resources: Record<string, object>;
  readonly conditions: Record<string, object>;
  readonly outputs: Record<string, object>;
}

/** What a stack makes, with the guide's documents and its parameters in them. */
export function templateResources(guide: SetupGuide): TemplateParts {
  return guide.owner === 'operator' ? managedParts(guide) : customerParts(guide);
}

const ref = (name: string) => ({ Ref: name });
const isYes = (name: string) => ({ 'Fn::Equals': [ref(name), 'yes'] });
const isGiven = (name: string) => ({ 'Fn::Not': [{ 'Fn::Equals': [ref(name), ''] }] });

function customerParts(guide: SetupGuide): TemplateParts {
  const hasIssuer = guide.access === 'web_identity';
  const isUser = guide.access === 'access_key';
  return {
    conditions: {
      MakesBucket: isYes('CreateBucket'),
      HasBoundary: isGiven('PermissionsBoundaryArn'),
      ...(hasIssuer && { RegistersIssuer: isYes('RegisterIssuer') }),
    },
    resources: {
      Bucket: bucket(guide),
      ...(hasIssuer && { Issuer: issuer(guide) }),
      ...(isUser ? { User: principal(guide) } : { Role: principal(guide) }),
    },
    outputs: isUser
      ? { UserName: { Description: 'Make an access key of this user', Value: ref('User') } }
      : { RoleArn: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] } } },
  };
}

function bucket(guide: SetupGuide): object {
  const cors = findGuideDocument(guide, 'cors') as CorsConfiguration | undefined;
  const lifecycle = guideDocument(guide, 'lifecycle') as unknown as LifecycleConfiguration;
  return {
    Type: 'AWS::S3::Bucket',
    Condition: 'MakesBucket',
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      BucketName: ref('BucketName'),
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      LifecycleConfiguration: { Rules: lifecycle.Rules.map((rule) => lifecycleRule(guide, rule)) },
      ...(cors && { CorsConfiguration: { CorsRules: cors.CORSRules.map(corsRule) } }),
    },
  };
}

/** CloudFormation has other names for some properties of the API. */
function lifecycleRule(guide: SetupGuide, rule: LifecycleConfiguration['Rules'][number]): object {
  const { ID, Status, Filter, AbortIncompleteMultipartUpload } = rule;
  return {
    // The guide's own name tells connections to one bucket apart; this bucket is new.
    Id: ID?.replace(/(?<=^CausewayAbortUploads).*/, ''),
    Status,
    ...(Filter.Prefix !== '' && { Prefix: parameterize(guide, Filter.Prefix) }),
    AbortIncompleteMultipartUpload,
  };
}

function corsRule(rule: CorsConfiguration['CORSRules'][number]): object {
  const { ID: Id, ExposeHeaders: ExposedHeaders, MaxAgeSeconds: MaxAge, ...rest } = rule;
  return { Id, ...rest, ExposedHeaders, MaxAge };
}

function issuer(guide: SetupGuide): object {
  return {
    Type: 'AWS::IAM::OIDCProvider',
    Condition: 'RegistersIssuer',
    Properties: {
      Url: findGuideValue(guide, 'issuer'),
      ClientIdList: [findGuideValue(guide, 'audience')],
    },
  };
}

/** The role, or the user whose keys Causeway will have. */
function principal(guide: SetupGuide): object {
  const isUser = guide.access === 'access_key';
  const common = {
    PermissionsBoundary: {
      'Fn::If': ['HasBoundary', ref('PermissionsBoundaryArn'), ref('AWS::NoValue')],
    },
    Policies: [
      {
        PolicyName: 'causeway',
        PolicyDocument: parameterize(guide, guideDocument(guide, 'permissionsPolicy')),
      },
    ],
  };
  if (isUser) {
    return { Type: 'AWS::IAM::User', Properties: { UserName: ref('UserName'), ...common } };
  }
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: ref('RoleName'),
      Description: 'Lets Causeway use one prefix of one S3 bucket',
      AssumeRolePolicyDocument: parameterize(guide, guideDocument(guide, 'trustPolicy')),
      ...common,
    },
  };
}

/** An inline policy for whichever of the three was named. */
function managedParts(guide: SetupGuide): TemplateParts {
  const kinds = ['User', 'Group', 'Role'] as const;
  const entries = <T>(make: (kind: string) => [string, T]) => Object.fromEntries(kinds.map(make));
  return {
    conditions: entries((kind) => [`For${kind}`, isGiven(`${kind}Name`)]),
    resources: entries((kind) => [
      `${kind}Policy`,
      {
        Type: `AWS::IAM::${kind}Policy`,
        Condition: `For${kind}`,
        Properties: {
          [`${kind}Name`]: ref(`${kind}Name`),
          PolicyName: 'causeway-managed-bucket-access',
          PolicyDocument: parameterize(guide, guideDocument(guide, 'customerPolicy')),
        },
      },
    ]),
    outputs: {},
  };
}
