import type { Connection, ConnectionBy, SetupDocument, SetupStep } from '@causeway/contract';
import { labelOf } from '../check/expected-documents.ts';
import { hasExistingRole, rolePath } from '../customer-role.ts';

/** The name that inline policies of Causeway have. */
const policyName = 'causeway';

/** Of the policies that customers give their own users. */
const managedPolicyName = 'causeway-managed-bucket-access';

/**
 * The customer's part of a setup as AWS calls, in order. What the operator does for
 * a managed bucket Causeway does by itself.
 */
export function setupSteps(
  connection: Connection,
  documents: readonly SetupDocument[],
): SetupStep[] {
  const text: TextOf = (name) => {
    const found = documents.find((each) => each.name === name);
    return found && JSON.stringify(found.document);
  };
  switch (connection.access) {
    case 'role':
      return [
        createBucket(connection),
        ...roleSteps(connection, text),
        ...bucketSteps(connection, text),
      ];
    case 'web_identity':
      return [
        createBucket(connection),
        registerIssuer(connection),
        ...roleSteps(connection, text),
        ...bucketSteps(connection, text),
      ];
    case 'access_key':
      return [createBucket(connection), ...keySteps(connection, text)];
    case 'bucket_policy':
    case 'operator_role':
      return [customerPolicy(text)];
  }
}

/** A document as AWS takes it, or undefined where the access has none of that name. */
type TextOf = (name: string) => string | undefined;

type AnyRole = ConnectionBy<'role'> | ConnectionBy<'web_identity'>;

function createBucket({ bucket }: Connection): SetupStep {
  return {
    ...byAdmin('s3', 'CreateBucket', 'Create the bucket', { Bucket: bucket }),
    skipWhen: 'the bucket exists in your account',
  };
}

function registerIssuer({ issuer, audience }: ConnectionBy<'web_identity'>): SetupStep {
  return {
    ...byAdmin('iam', 'CreateOpenIDConnectProvider', 'Register who signs the tokens', {
      Url: issuer,
      ClientIDList: [audience],
    }),
    skipWhen: 'the provider is registered in your account with this audience',
  };
}

/** The trust policy of a role that exists may let others in too, and goes on doing so. */
function roleSteps(connection: AnyRole, text: TextOf): SetupStep[] {
  const { roleName, bucket, prefix } = connection;
  const isThere = hasExistingRole(connection);
  const path = rolePath(connection);
  const create = byAdmin('iam', 'CreateRole', 'Create the role that Causeway assumes', {
    RoleName: roleName,
    ...(path !== '/' && { Path: path }),
    Description: `Lets Causeway use s3://${bucket}/${prefix}`,
    AssumeRolePolicyDocument: text('trustPolicy'),
  });
  return [
    isThere ? { ...create, title: 'Let Causeway assume your role', merge: 'trustPolicy' } : create,
    byAdmin('iam', 'PutRolePolicy', 'Give the role its permissions', {
      RoleName: roleName,
      PolicyName: isThere ? `${policyName}-${labelOf(connection)}` : policyName,
      PolicyDocument: text('permissionsPolicy'),
    }),
  ];
}

/**
 * A store elsewhere has users and policies of its own making, so there the customer is
 * told what the key must allow and nothing of IAM.
 */
function keySteps(connection: ConnectionBy<'access_key'>, text: TextOf): SetupStep[] {
  const { userName } = connection;
  if (connection.accountId === null) return bucketSteps(connection, text);
  return [
    byAdmin('iam', 'CreateUser', 'Create the user whose keys Causeway will have', {
      UserName: userName,
    }),
    byAdmin('iam', 'PutUserPolicy', 'Give the user its permissions', {
      UserName: userName,
      PolicyName: policyName,
      PolicyDocument: text('permissionsPolicy'),
    }),
    ...bucketSteps(connection, text),
    {
      ...byAdmin('iam', 'CreateAccessKey', 'Make an access key and enter it in Causeway', {
        UserName: userName,
      }),
      skipWhen: 'Causeway has a key of this user that works',
    },
  ];
}

/** Settings of the customer's bucket, each of which AWS replaces as a whole. */
function bucketSteps({ bucket }: Connection, text: TextOf): SetupStep[] {
  const cors = text('cors');
  const bucketPolicy = text('bucketPolicy');
  const steps: SetupStep[] = [];
  if (cors !== undefined) {
    steps.push({
      ...byAdmin('s3', 'PutBucketCors', 'Let the pages that show your files read and write them', {
        Bucket: bucket,
        CORSConfiguration: cors,
      }),
      merge: 'cors',
    });
  }
  if (bucketPolicy !== undefined) {
    steps.push({
      ...byAdmin('s3', 'PutBucketPolicy', "Name Causeway's access in the bucket policy", {
        Bucket: bucket,
        Policy: bucketPolicy,
      }),
      skipWhen: 'the bucket is of the same account: the permissions above are enough',
      optional: true,
      merge: 'bucketPolicy',
    });
  }
  steps.push({
    ...byAdmin(
      's3',
      'PutBucketLifecycleConfiguration',
      'Clear away uploads that nobody finished, after seven days',
      { Bucket: bucket, LifecycleConfiguration: text('lifecycle') },
    ),
    skipWhen: 'the bucket has such a rule, or somebody else sees to it',
    optional: true,
    merge: 'lifecycle',
  });
  return steps;
}

/** The customer decides which of its users, groups or roles use the bucket. */
function customerPolicy(text: TextOf): SetupStep {
  return {
    ...byAdmin('iam', 'PutUserPolicy', 'Let those in who are to use the bucket', {
      PolicyName: managedPolicyName,
      PolicyDocument: text('customerPolicy'),
    }),
    choose: {
      UserName: 'The user; for a group or role the call is PutGroupPolicy or PutRolePolicy',
    },
  };
}

function byAdmin(
  service: SetupStep['service'],
  operation: SetupStep['operation'],
  title: string,
  parameters: SetupStep['parameters'],
): SetupStep {
  const side = 'customer';
  return { title, side, needsAdmin: true, service, operation, parameters, optional: false };
}
