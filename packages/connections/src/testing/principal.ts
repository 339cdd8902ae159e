import {
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { rootCredentials } from '@causeway/sandbox';
import { createAccessKey, registerIssuer } from '@causeway/sandbox/clients';
import { accessKeyPlace, accessKeySecret, type KeyPair } from '../access-keys/access-key-secret.ts';
import { newAccessKey, requireKeyAccess } from '../access-keys/change-access-keys.ts';
import { customerClients } from './customer-clients.ts';
import type { Site } from './site.ts';

/** Whose access key is entered, or what is wrong with it. */
export type EnteredKey = 'its own' | 'none' | 'of root' | 'of another account' | 'wrong secret';

/** Creates the role or the user with everything that is known of it. */
export async function makePrincipal(site: Site): Promise<void> {
  const { connection, owner, principalName } = site;
  if (connection.access === 'access_key') {
    await owner.iam.send(new CreateUserCommand({ UserName: principalName }));
  } else {
    const AssumeRolePolicyDocument = JSON.stringify(site.trustPolicy);
    await owner.iam.send(
      new CreateRoleCommand({ RoleName: principalName, AssumeRolePolicyDocument }),
    );
  }
  await putPermissions(site);
  if (site.boundary) await putBoundary(site, site.boundary);
}

export async function putPermissions(site: Site): Promise<void> {
  const { connection, owner, principalName, permissionsPolicy } = site;
  const policy = {
    PolicyName: 'causeway',
    PolicyDocument: JSON.stringify(permissionsPolicy),
  };
  await (connection.access === 'access_key'
    ? owner.iam.send(new PutUserPolicyCommand({ UserName: principalName, ...policy }))
    : owner.iam.send(new PutRolePolicyCommand({ RoleName: principalName, ...policy })));
}

async function putBoundary(site: Site, boundary: object): Promise<void> {
  const { connection, owner, principalName } = site;
  const { Policy } = await owner.iam.send(
    new CreatePolicyCommand({
      PolicyName: `boundary-${principalName}`,
      PolicyDocument: JSON.stringify(boundary),
    }),
  );
  const attached = { PermissionsBoundary: Policy?.Arn };
  await (connection.access === 'access_key'
    ? owner.iam.send(
        new PutUserPermissionsBoundaryCommand({ UserName: principalName, ...attached }),
      )
    : owner.iam.send(
        new PutRolePermissionsBoundaryCommand({ RoleName: principalName, ...attached }),
      ));
}

/** Registers the issuer as the guide of a connection by `web_identity` says. */
export async function registerProvider({ connection, owner }: Site): Promise<void> {
  if (connection.access !== 'web_identity') return;
  await registerIssuer(owner.iam, connection.issuer, [connection.audience]);
}

/** Makes an access key of the user, or finds another one, and enters it in the place of those before. */
export async function enterKey(site: Site, which: EnteredKey, now = new Date()): Promise<void> {
  const connection = requireKeyAccess(site.connection);
  const pair = await findKey(site, which);
  if (!pair) return;
  site.accessKeyId = pair.accessKeyId;
  const key = { ...newAccessKey(pair.accessKeyId, now), current: true };
  site.entered.set(accessKeyPlace(connection, key.id).field, accessKeySecret(pair));
  site.connection = { ...connection, accessKeys: [key] } as Site['connection'];
}

async function findKey(site: Site, which: EnteredKey): Promise<KeyPair | null> {
  const { owner, principalName, stage, connection } = site;
  if (which === 'none') return null;
  if (which === 'of root') return rootCredentials(connection.accountId ?? '');
  if (which === 'of another account') {
    const { iam } = customerClients(stage.sandboxUrl, '333333333333');
    await iam.send(new CreateUserCommand({ UserName: principalName }));
    return createAccessKey(iam, principalName);
  }
  const pair = await createAccessKey(owner.iam, principalName);
  const secretAccessKey = `${pair.secretAccessKey.slice(0, -1)}~`;
  return which === 'wrong secret' ? { ...pair, secretAccessKey } : pair;
}
