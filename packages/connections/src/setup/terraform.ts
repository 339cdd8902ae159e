import {
  findGuideDocument,
  findGuideValue,
  guideDocument,
  guideValue,
  type SetupGuide,
} from '@causeway/contract';
import type { CorsConfiguration, LifecycleConfiguration } from '@causeway/policy';
import { type Block, expression, jsonEncoded, writeHcl } from './hcl.ts';

/**
 * The setup as one Terraform file for the `aws` provider. It owns what it makes and
 * nothing else: policy, CORS and lifecycle of a bucket that exists are outputs to add
 * to where the customer manages them, since Terraform would replace them as a whole.
 */
export function terraformFile(guide: SetupGuide): string {
  const blocks = guide.owner === 'operator' ? managedBlocks(guide) : customerBlocks(guide);
  return `${comment(guide)}\n\n${writeHcl([provider, ...blocks])}`;
}

/** What Terraform leaves to do. */
export function terraformNotes(guide: SetupGuide): string[] {
  if (guide.owner === 'operator') return [];
  const notes = [
    'What a bucket has as policy, CORS and lifecycle rules is not touched. Where they need additions, the outputs say which: add them where you manage the bucket.',
  ];
  if (guide.access === 'access_key') {
    notes.push('The access key is made by hand: Terraform would keep its secret in its state.');
  }
  return notes;
}

function comment(guide: SetupGuide): string {
  return [
    `# Sets up ${guide.location} for Causeway (connection ${guide.connectionId}).`,
    '# terraform init && terraform apply, with credentials of an administrator of the account.',
    '# To revoke: terraform destroy',
  ].join('\n');
}

const provider: Block = {
  type: 'terraform',
  attributes: { required_version: '>= 1.3' },
  blocks: [
    {
      type: 'required_providers',
      attributes: { aws: { source: 'hashicorp/aws', version: '>= 5.0' } },
    },
  ],
};

function variable(name: string, description: string, type: string, value: unknown): Block {
  return {
    type: 'variable',
    labels: [name],
    attributes: { description, type: expression(type), default: value },
  };
}

const resource = (type: string, attributes: Block['attributes'], blocks: Block[] = []): Block => ({
  type: 'resource',
  labels: [type, 'causeway'],
  attributes: attributes ?? {},
  blocks,
});

function customerBlocks(guide: SetupGuide): Block[] {
  return [
    variable('create_bucket', 'Make the bucket too', 'bool', false),
    variable(
      'permissions_boundary',
      'ARN of a permissions boundary, where your organization demands one',
      'string',
      null,
    ),
    ...(guide.access === 'web_identity' ? issuerBlocks(guide) : []),
    ...(guide.access === 'access_key' ? userBlocks(guide) : roleBlocks(guide)),
    ...bucketBlocks(guide),
    ...additions(guide),
  ];
}

function roleBlocks(guide: SetupGuide): Block[] {
  return [
    resource('aws_iam_role', {
      name: guideValue(guide, 'roleName'),
      description: `Lets Causeway use ${guide.location}`,
      permissions_boundary: expression('var.permissions_boundary'),
      assume_role_policy: jsonEncoded(guideDocument(guide, 'trustPolicy')),
      ...(guide.access === 'web_identity' && {
        depends_on: expression('[aws_iam_openid_connect_provider.causeway]'),
      }),
    }),
    resource('aws_iam_role_policy', {
      name: 'causeway',
      role: expression('aws_iam_role.causeway.id'),
      policy: jsonEncoded(guideDocument(guide, 'permissionsPolicy')),
    }),
    output('role_arn', expression('aws_iam_role.causeway.arn')),
  ];
}

function issuerBlocks(guide: SetupGuide): Block[] {
  return [
    variable(
      'register_issuer',
      'Register who signs the tokens, unless your account has this provider already',
      'bool',
      true,
    ),
    resource('aws_iam_openid_connect_provider', {
      count: expression('var.register_issuer ? 1 : 0'),
      url: guideValue(guide, 'issuer'),
      client_id_list: [guideValue(guide, 'audience')],
    }),
  ];
}

function userBlocks(guide: SetupGuide): Block[] {
  return [
    resource('aws_iam_user', {
      name: guideValue(guide, 'userName'),
      permissions_boundary: expression('var.permissions_boundary'),
    }),
    resource('aws_iam_user_policy', {
      name: 'causeway',
      user: expression('aws_iam_user.causeway.name'),
      policy: jsonEncoded(guideDocument(guide, 'permissionsPolicy')),
    }),
    output('user_name', expression('aws_iam_user.causeway.name')),
  ];
}

/** A bucket that this file makes is its own, rules included. */
function bucketBlocks(guide: SetupGuide): Block[] {
  const count = expression('var.create_bucket ? 1 : 0');
  const bucket = expression('aws_s3_bucket.causeway[0].id');
  const cors = findGuideDocument(guide, 'cors') as CorsConfiguration | undefined;
  const lifecycle = guideDocument(guide, 'lifecycle') as unknown as LifecycleConfiguration;
  return [
    resource('aws_s3_bucket', { count, bucket: guideValue(guide, 'bucket') }, [
      { type: 'lifecycle', attributes: { prevent_destroy: true } },
    ]),
    resource('aws_s3_bucket_public_access_block', {
      count,
      bucket,
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    }),
    resource(
      'aws_s3_bucket_lifecycle_configuration',
      { count, bucket },
      lifecycle.Rules.map(lifecycleRule),
    ),
    ...(cors
      ? [
          resource(
            'aws_s3_bucket_cors_configuration',
            { count, bucket },
            cors.CORSRules.map(corsRule),
          ),
        ]
      : []),
  ];
}

function lifecycleRule(rule: LifecycleConfiguration['Rules'][number]): Block {
  return {
    type: 'rule',
    attributes: { id: rule.ID, status: rule.Status },
    blocks: [
      { type: 'filter', attributes: { prefix: rule.Filter.Prefix } },
      {
        type: 'abort_incomplete_multipart_upload',
        attributes: {
          days_after_initiation: rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation,
        },
      },
    ],
  };
}

function corsRule(rule: CorsConfiguration['CORSRules'][number]): Block {
  return {
    type: 'cors_rule',
    attributes: {
      id: rule.ID,
      allowed_origins: rule.AllowedOrigins,
      allowed_methods: rule.AllowedMethods,
      allowed_headers: rule.AllowedHeaders,
      expose_headers: rule.ExposeHeaders,
      max_age_seconds: rule.MaxAgeSeconds,
    },
  };
}

/** For the customer's own files, which manage the bucket. */
function additions(guide: SetupGuide): Block[] {
  const outputs: [name: string, document: string, description: string][] = [
    [
      'bucket_policy_additions',
      'bucketPolicy',
      'Statements for the policy of a bucket that denies more than usual',
    ],
    ['cors_additions', 'cors', 'Rules for a bucket that exists: pages in browsers need them'],
  ];
  return outputs.flatMap(([name, document, description]) => {
    const found = findGuideDocument(guide, document);
    return found ? [output(name, jsonEncoded(found), description)] : [];
  });
}

function output(name: string, value: unknown, description?: string): Block {
  return { type: 'output', labels: [name], attributes: { description, value } };
}

function managedBlocks(guide: SetupGuide): Block[] {
  const kinds = ['user', 'group', 'role'];
  return [
    ...kinds.map((kind) =>
      variable(`${kind}_name`, `Name of the ${kind} that is to use the bucket`, 'string', null),
    ),
    {
      type: 'locals',
      attributes: { policy: jsonEncoded(guideDocument(guide, 'customerPolicy')) },
    },
    ...kinds.map((kind) =>
      resource(`aws_iam_${kind}_policy`, {
        count: expression(`var.${kind}_name == null ? 0 : 1`),
        name: 'causeway-managed-bucket-access',
        [kind]: expression(`var.${kind}_name`),
        policy: expression('local.policy'),
      }),
    ),
    output('bucket', findGuideValue(guide, 'bucket')),
  ];
}
