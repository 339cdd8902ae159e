import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  type Access,
  type Connection,
  ConnectionCreate,
  type SetupGuide,
  SetupRendering,
  SetupTool,
} from '@causeway/contract';
import { endpointRules } from '@causeway/objectstore';
import { createConnection } from '../create-connection.ts';
import { customerAccount, issuer, operator } from '../testing/sample-customer.ts';
import { cloudFormationTemplate, templateValues, withoutValues } from './cloudformation.ts';
import { launchUrl } from './launch-url.ts';
import { renderSetup } from './render-setup.ts';
import { setupGuide } from './setup-guide.ts';

const accesses: readonly Access[] = [
  'role',
  'web_identity',
  'access_key',
  'bucket_policy',
  'operator_role',
];
const own = { location: 's3://acme-data/causeway/', accountId: customerAccount };
const managed = { resourceId: 'acme', accountId: customerAccount };
const options = { operatorName: 'Acme Analytics' };
const origins = ['https://app.example.com'];

function guideOf(access: Access, change: object = {}): SetupGuide {
  const isManaged = access === 'bucket_policy' || access === 'operator_role';
  const place = isManaged ? managed : own;
  const capabilities = ['deliver', 'ingest', 'browse'];
  const input = { customerId: 'cus_1', access, capabilities, ...place, ...change };
  const deps = {
    operator,
    issuer,
    endpoints: endpointRules(['s3.example.com']),
    tokenClaims: { issuer: issuer.url, audience: issuer.audience, subject: 'connection:1' },
  };
  const connection: Connection = createConnection(ConnectionCreate.parse(input), deps);
  return setupGuide(connection, operator, { origins });
}

/** Every template, file and script that is made. */
const guides: readonly [name: string, guide: SetupGuide][] = [
  ...accesses.map((access): [string, SetupGuide] => [access, guideOf(access)]),
  ['the whole bucket', guideOf('role', { location: 's3://acme-data/' })],
  ['deliver alone', guideOf('role', { capabilities: ['deliver'] })],
];

/** Asks where it is: to say its version takes some of them a second. */
function program(name: string): string | null {
  try {
    execFileSync('which', [name], { stdio: 'ignore' });
    return name;
  } catch {
    console.log(`skipped: There is no program "${name}" here`);
    return null;
  }
}

describe('renderSetup()', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'causeway-setup-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const [name, guide] of guides) {
    it(`writes ${name} for every tool, with nothing left open`, () => {
      for (const tool of SetupTool.options) {
        const rendering = renderSetup(guide, tool, options);

        assert.deepEqual(SetupRendering.parse(rendering), rendering);
        assert.ok(rendering.content.endsWith('\n'), tool);
        assert.doesNotMatch(rendering.content, /undefined|\[object|NaN/, tool);
      }
    });
  }

  it('says what is missing, and refuses tools of AWS for stores elsewhere', () => {
    const draft = guideOf('role', { location: undefined, accountId: undefined });
    const elsewhere = guideOf('access_key', {
      accountId: undefined,
      endpoint: 'https://s3.example.com',
    });

    assert.throws(() => renderSetup(draft, 'cli', options), {
      code: 'setup_not_possible',
      message: /the customer has yet to name its bucket and its AWS account/,
    });
    assert.throws(() => renderSetup(elsewhere, 'terraform', options), {
      code: 'setup_not_possible',
    });
    assert.match(renderSetup(elsewhere, 'cli', options).content, /endpoint-url/);
  });

  it('adds to a role that the customer has, and takes no more than that back', () => {
    const roleArn = `arn:aws:iam::${customerAccount}:role/data/Vendor.Access`;
    const guide = guideOf('role', { roleArn });
    const { content: script } = renderSetup(guide, 'cli', options);
    const { content: message } = renderSetup(guide, 'message', options);
    const { content: text } = renderSetup(guide, 'console', options);

    for (const tool of ['cloudformation', 'terraform'] as const) {
      assert.throws(() => renderSetup(guide, tool, options), {
        code: 'setup_not_possible',
        message: /makes roles and cannot add to yours, which exists/,
      });
    }
    const create = guide.steps.find(({ operation }) => operation === 'CreateRole');
    assert.deepEqual([create?.parameters['Path'], create?.merge], ['/data/', 'trustPolicy']);
    assert.doesNotMatch(script, /create-role|delete-role |PERMISSIONS_BOUNDARY/);
    assert.match(script, /merge Statement Sid/);
    assert.match(message, /nothing new but one inline policy of your IAM role Vendor\.Access/);
    assert.doesNotMatch(message, /delete-role /);
    const [sid] = /CausewayAssume[0-9a-z]{8}/.exec(message) ?? [];
    assert.match(message, new RegExp(`take the statement "${sid}" out of the role's trust policy`));
    assert.match(text, /Keep all statements that are there, and add this one/);
    assert.match(text, /roles\/details\/Vendor\.Access\?section=trust_relationships/);
    assert.match(renderSetup(guide, 'json', options).content, new RegExp(roleArn));
  });

  it('is bash that parses', { skip: !program('bash') }, () => {
    for (const [, guide] of guides) {
      const file = join(folder, 'setup.sh');
      writeFileSync(file, renderSetup(guide, 'cli', options).content);

      execFileSync('bash', ['-n', file]);
    }
  });

  describe('for CloudFormation', () => {
    it('makes templates in which every name that is used exists', () => {
      for (const [name, guide] of guides) {
        const template = cloudFormationTemplate(guide) as Template;
        const known = new Set([
          ...Object.keys(template.Parameters),
          ...Object.keys(template.Resources),
        ]);

        for (const used of namesIn(template)) {
          assert.ok(known.has(used) || used.startsWith('AWS::'), `${name}: ${used}`);
        }
        for (const condition of conditionsIn(template)) {
          assert.ok(template.Conditions?.[condition], `${name}: ${condition}`);
        }
        assert.ok(Object.keys(template.Resources).length > 0);
      }
    });

    it('keeps to what CloudFormation knows: sections, properties, limits', () => {
      for (const [name, guide] of guides) {
        const template = cloudFormationTemplate(guide) as Template;

        assert.deepEqual(unknownIn(template, sections), [], name);
        for (const parameter of Object.values(template.Parameters)) {
          assert.deepEqual(unknownIn(parameter, parameterAttributes), [], name);
          assert.match(parameter.Default ?? '', new RegExp(parameter.AllowedPattern ?? ''), name);
        }
        for (const [logicalId, resource] of Object.entries(template.Resources)) {
          const { all, required } = resourceProperties[resource.Type] ?? { all: [], required: [] };
          const where = `${name}: ${logicalId}`;
          assert.match(logicalId, /^[A-Za-z0-9]{1,255}$/);
          assert.deepEqual(unknownIn(resource, resourceAttributes), [], where);
          assert.deepEqual(unknownIn(resource.Properties, all), [], where);
          assert.deepEqual(
            required.filter((property) => !(property in resource.Properties)),
            [],
            where,
          );
        }
        assert.ok(
          Buffer.byteLength(renderSetup(guide, 'cloudformation', options).content) < 51_200,
        );
        assert.ok(Buffer.byteLength(template.Description) <= 1024);
      }
    });

    it('tells nothing of the customer in what is published', () => {
      for (const [name, guide] of guides) {
        const text = JSON.stringify(withoutValues(guide));

        for (const value of Object.values(templateValues(guide))) {
          if (value !== 'causeway/') assert.ok(!text.includes(value), `${name}: ${value}`);
        }
        assert.doesNotMatch(text, new RegExp(`${customerAccount}|acme-data|cw-`), name);
      }
    });

    it('gives the documents of the guide once its values are put in', () => {
      for (const access of ['role', 'web_identity', 'access_key'] as const) {
        const guide = guideOf(access);
        const template = cloudFormationTemplate(guide) as Template;
        const principal = template.Resources['Role'] ?? template.Resources['User'];
        const values = { ...templateValues(guide), 'AWS::AccountId': customerAccount };

        const properties = resolve(principal?.Properties, values) as {
          AssumeRolePolicyDocument?: object;
          Policies: { PolicyDocument: object }[];
        };

        const document = (name: string) =>
          guide.documents.find((each) => each.name === name)?.document;
        assert.deepEqual(properties.Policies[0]?.PolicyDocument, document('permissionsPolicy'));
        assert.deepEqual(properties.AssumeRolePolicyDocument, document('trustPolicy'));
      }
    });

    it('opens the console with everything filled in, in the region of the bucket', () => {
      const guide = guideOf('role');
      const template = 'https://acme-connect.s3.us-east-1.amazonaws.com/causeway/x.template.json';

      const url = new URL(launchUrl({ ...guide, region: 'eu-west-1' }, template, 'us-east-1'));

      assert.equal(
        url.href.split('#')[0],
        'https://console.aws.amazon.com/cloudformation/home?region=eu-west-1',
      );
      const query = new URLSearchParams(url.hash.split('?')[1]);
      assert.equal(query.get('templateURL'), template);
      assert.match(query.get('stackName') ?? '', /^[A-Za-z][A-Za-z0-9-]{1,127}$/);
      const parameters = (withoutValues(guide) as Template).Parameters;
      for (const [name, { Default }] of Object.entries(parameters)) {
        assert.notEqual(query.get(`param_${name}`) ?? Default, undefined, name);
      }
      assert.ok(url.href.length < 2000);
    });

    const linter = program('cfn-lint');
    const reason = 'There is no program "cfn-lint" here';
    it('passes cfn-lint', { skip: linter === null && reason }, () => {
      const files = guides.map(([, guide], i) => {
        const file = join(folder, `${i}.template.json`);
        writeFileSync(file, renderSetup(guide, 'cloudformation', options).content);
        return file;
      });

      execFileSync(linter ?? '', ['--', ...files]);
    });
  });

  describe('for Terraform', () => {
    const terraform = program('terraform') ?? program('tofu');
    const reason = 'There is neither "terraform" nor "tofu" here';

    it('is in the layout of terraform fmt', { skip: terraform === null && reason }, () => {
      for (const [name, guide] of guides) {
        const { content } = renderSetup(guide, 'terraform', options);

        const formatted = execFileSync(terraform ?? '', ['fmt', '-'], {
          input: content,
        }).toString();

        assert.equal(content, formatted, name);
      }
    });

    it('refers to nothing that it does not declare', () => {
      for (const [name, guide] of guides) {
        const { content } = renderSetup(guide, 'terraform', options);
        const declared = [...content.matchAll(/^(variable|resource) "(\w+)"(?: "(\w+)")?/gm)].map(
          ([, type, first, second]) =>
            type === 'variable' ? `var.${first}` : `${first}.${second}`,
        );

        for (const [used] of content.matchAll(/\b(?:var\.\w+|aws_\w+\.causeway)\b/g)) {
          assert.ok(declared.includes(used), `${name}: ${used}`);
        }
        assert.equal(content.match(/{/g)?.length, content.match(/}/g)?.length);
        assert.doesNotMatch(content, /aws_s3_bucket_policy|aws_iam_access_key/);
      }
    });
  });

  it('tells an administrator who asks, for what, by which policies, and how to revoke', () => {
    const { content } = renderSetup(guideOf('role'), 'message', options);

    assert.match(content, /^Subject: access to s3:\/\/acme-data\/causeway\/ for Acme Analytics/);
    for (const part of [/sts:AssumeRole/, /s3:PutObject/, /cw-\w{26}/, /aws iam delete-role /]) {
      assert.match(content, part);
    }
  });

  it("names the console's own buttons and pages, and one thing to copy at a time", () => {
    const { content } = renderSetup(guideOf('role'), 'console', options);

    assert.match(content, /https:\/\/console\.aws\.amazon\.com\/iam\/home#\/roles\/create/);
    assert.match(content, /\*\*Custom trust policy\*\*/);
    assert.match(content, /```text\ncauseway-\w{12}\n```/);
  });
});

interface Template {
  readonly Description: string;
  readonly Parameters: Record<
    string,
    { readonly Default?: string; readonly AllowedPattern?: string }
  >;
  readonly Conditions?: Record<string, object>;
  readonly Resources: Record<
    string,
    { readonly Type: string; readonly Condition?: string; readonly Properties: object }
  >;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
const sections = [
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Conditions',
  'Resources',
  'Outputs',
];
const parameterAttributes = ['Type', 'Description', 'Default', 'AllowedPattern', 'AllowedValues'];
const resourceAttributes = [
  'Type',
  'Condition',
  'DeletionPolicy',
  'UpdateReplacePolicy',
  'Properties',
];

/**
 * Of each type that may be used, all properties but those that are of no use here.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/introduction.html
 */
const resourceProperties: Readonly<Record<string, { all: string[]; required: string[] }>> = {
  'AWS::IAM::Role': {
    all: ['RoleName', 'Description', 'AssumeRolePolicyDocument', 'PermissionsBoundary', 'Policies'],
    required: ['AssumeRolePolicyDocument'],
  },
  'AWS::IAM::User': { all: ['UserName', 'PermissionsBoundary', 'Policies'], required: [] },
  'AWS::IAM::OIDCProvider': { all: ['Url', 'ClientIdList', 'ThumbprintList'], required: [] },
  'AWS::IAM::UserPolicy': inlinePolicy('UserName'),
  'AWS::IAM::GroupPolicy': inlinePolicy('GroupName'),
  'AWS::IAM::RolePolicy': inlinePolicy('RoleName'),
  'AWS::S3::Bucket': {
    all: [
      'BucketName',
      'CorsConfiguration',
      'LifecycleConfiguration',
      'OwnershipControls',
      'PublicAccessBlockConfiguration',
    ],
    required: [],
  },
};

function inlinePolicy(holder: string) {
  const required = [holder, 'PolicyName'];
  return { all: [...required, 'PolicyDocument'], required };
}

function unknownIn(value: object, known: readonly string[]): string[] {
  return Object.keys(value).filter((name) => !known.includes(name));
}

/** Names in `Ref`, `Fn::Sub` and `Fn::GetAtt`. */
function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref') return [String(inner)];
    if (key === 'Fn::GetAtt' && Array.isArray(inner)) return [String(inner[0])];
    if (key === 'Fn::Sub')
      return [...String(inner).matchAll(/\$\{([\w:]+)\}/g)].map(([, name = '']) => name);
    return namesIn(inner);
  });
}

function conditionsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Fn::If' && Array.isArray(inner)) return [String(inner[0])];
    if (key === 'Condition' && typeof inner === 'string') return [inner];
    return conditionsIn(inner);
  });
}

/** What CloudFormation makes of a template's functions. */
function resolve(value: unknown, values: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((each) => resolve(each, values));
  if (typeof value !== 'object' || value === null) return value;
  const { Ref: ref, 'Fn::Sub': text } = value as Record<string, string>;
  const { 'Fn::If': choice } = value as Record<string, unknown[]>;
  if (choice !== undefined) return resolve(choice[2], values);
  if (ref !== undefined) return values[ref];
  if (text !== undefined)
    return text.replaceAll(/\$\{([\w:]+)\}/g, (_, name) => values[name] ?? '');
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, resolve(each, values)]),
  );
}
