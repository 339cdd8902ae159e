import { parseAccessDenied } from './access-denied.ts';
import type { Refused } from './attempt.ts';
import { bucketArn, type CheckContext } from './check-context.ts';
import type { Wanted } from './refusal-finding.ts';

/** Rights that a write takes beside that to write, by the action that S3 names when it refuses one. */
const options: Readonly<
  Record<string, Pick<Wanted, 'cause' | 'sids'> & { readonly verb: string }>
> = {
  's3:PutObjectTagging': {
    cause: 'tagging_denied',
    sids: ['Tag'],
    verb: 'put tags on files',
  },
  's3:PutObjectAcl': {
    cause: 'acl_denied',
    sids: ['GiveToOwner'],
    verb: 'give the owner of the bucket full control of files',
  },
};

/** What a refused write was for: itself, or what was to be set along with it. */
export function writeWanted(context: CheckContext, { evidence }: Refused): Wanted {
  const { prefix } = context.connection;
  const { action } = parseAccessDenied(evidence.message ?? '');
  const wanted = {
    cause: 'write_denied',
    what: `write under "${prefix}"`,
    action: 's3:PutObject',
    resource: `${bucketArn(context)}/${prefix}*`,
    sids: ['Write'],
  } as const;
  const option = action === null ? undefined : options[action];
  if (action === null || option === undefined) return wanted;
  const { cause, sids, verb } = option;
  return { ...wanted, cause, action, sids, what: `${verb} under "${prefix}"` };
}
