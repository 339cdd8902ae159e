import { CausewayError } from './errors.ts';

/** A role, by its ARN. */
export interface RoleName {
  readonly partition: string;
  readonly accountId: string;
  /** `/`, or folders such as `/data/exports/`. */
  readonly path: string;
  readonly name: string;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
const partition = /^aws(-cn|-us-gov|-iso|-iso-b|-iso-e|-iso-f|-eusc)?$/;

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const name = /^[A-Za-z0-9_+=,.@-]{1,64}$/;

/**
 * IAM takes any visible ASCII in a path. Some of it means something else in policies
 * (`*`, `?`, `$`) or in a shell, so no more is taken here than paths are usually made of.
 */
const folder = /^[A-Za-z0-9_+=,.@:-]+$/;
const longestPath = 512;

/**
 * Parses the ARN of one role of any name and path. Nothing is trimmed, decoded or
 * repaired: what is compared and stored afterwards is exactly what was read.
 *
 * @throws CausewayError `invalid_role_arn` saying what it is instead.
 */
export function parseRoleArn(text: string): RoleName {
  const refuse = (reason: string) =>
    new CausewayError('invalid_role_arn', { found: text.slice(0, 700), reason });
  const [arn, found = '', service, region, accountId = '', ...rest] = text.split(':');
  const resource = rest.join(':');
  if (arn !== 'arn') throw refuse('it does not start with "arn:"');
  if (!partition.test(found)) throw refuse(`"${found}" is no partition of AWS`);
  if (service === 'sts') throw refuse(sessionReason(found, accountId, resource));
  if (service !== 'iam') throw refuse(`it is of "${service ?? ''}" and not of "iam"`);
  if (region !== '') throw refuse('roles have no region');
  if (!/^[0-9]{12}$/.test(accountId)) throw refuse(`"${accountId}" is not an account of 12 digits`);
  if (!resource.startsWith('role/')) throw refuse(kindReason(resource));
  // IAM would take it for a path: a list of roles is far likelier.
  if (resource.includes('arn:')) throw refuse('it holds more than one ARN');
  const folders = resource.slice('role/'.length).split('/');
  const roleName = folders.pop() ?? '';
  if (!name.test(roleName)) {
    throw refuse(`"${roleName}" is not a name of 1 to 64 letters, digits and "_+=,.@-"`);
  }
  for (const part of folders) {
    if (part === '.' || part === '..' || !folder.test(part)) {
      throw refuse(`its path has the part "${part}"`);
    }
  }
  const path = folders.length === 0 ? '/' : `/${folders.join('/')}/`;
  if (path.length > longestPath) throw refuse(`its path is longer than ${longestPath} characters`);
  refuseManagedByAws(folders[0], refuse);
  return { partition: found, accountId, path, name: roleName };
}

/** Writes a role the way {@link parseRoleArn} reads it. */
export function formatRoleArn({ partition, accountId, path, name }: RoleName): string {
  return `arn:${partition}:iam::${accountId}:role${path}${name}`;
}

function sessionReason(partition: string, accountId: string, resource: string): string {
  const role = /^assumed-role\/([^/]+)\//.exec(resource)?.[1];
  if (role === undefined) return 'it is no role';
  return `it is one session of a role: the role itself is like "arn:${partition}:iam::${accountId}:role/${role}"`;
}

function kindReason(resource: string): string {
  if (resource === 'root') return 'it is an account, and not a role in it';
  const kind = resource.split('/', 1)[0] ?? '';
  return kind === resource ? 'it names no role' : `it is a ${kind} and not a role`;
}

/** The trust policies of these roles are AWS's own, so nobody can let Causeway in by them. */
function refuseManagedByAws(
  folder: string | undefined,
  refuse: (reason: string) => CausewayError,
): void {
  if (folder === 'aws-service-role') throw refuse('it is linked to a service of AWS');
  if (folder === 'aws-reserved') throw refuse('it belongs to IAM Identity Center');
}
