import { AwsError } from '../../http/aws-error.ts';
import type { Incoming } from '../../http/incoming.ts';
import type { PublicAccessBlock } from '../../state/access-records.ts';
import { accessDenied } from '../s3-error.ts';
import { accountOf, type S3Operation, type S3Request } from '../s3-operation.ts';
import { publicAccessBlockReply, readPublicAccessBlock } from './public-access-block.ts';

const path = '/v20180820/configuration/publicAccessBlock';

/**
 * Whether a request is for the block of a whole account, a call of S3 Control. The
 * header tells it from an object with this address.
 */
export function isAccountPublicAccessBlock({ rawPath, headers }: Incoming): boolean {
  return rawPath === path && headers.has('x-amz-account-id');
}

const get: S3Operation = {
  name: 'GetPublicAccessBlock',
  body: 'none',
  needsBucket: false,
  demands: onAccount('s3:GetAccountPublicAccessBlock'),
  run: (request) => {
    const account = accountOf(request);
    const settings = request.world.state.accountSettings.get(account);
    return publicAccessBlockReply(settings?.publicAccessBlock ?? null, { AccountId: account });
  },
};

const put: S3Operation = {
  name: 'PutPublicAccessBlock',
  body: 'document',
  needsBucket: false,
  demands: onAccount('s3:PutAccountPublicAccessBlock'),
  run: (request) => {
    set(request, readPublicAccessBlock(request.document));
    return { status: 200 };
  },
};

const remove: S3Operation = {
  name: 'DeletePublicAccessBlock',
  body: 'none',
  needsBucket: false,
  demands: onAccount('s3:PutAccountPublicAccessBlock'),
  run: (request) => {
    set(request, null);
    return { status: 204 };
  },
};

export const accountPublicAccessBlock: Readonly<Record<string, S3Operation>> = {
  GET: get,
  PUT: put,
  DELETE: remove,
};

function set(request: S3Request, publicAccessBlock: PublicAccessBlock | null): void {
  const { state } = request.world;
  state.commit(state.accountSettings.put(accountOf(request), { publicAccessBlock }));
}

/** A demand on the caller's own account: settings of another's can be neither read nor written. */
function onAccount(action: string): S3Operation['demands'] {
  return (request) => {
    const named = request.call.incoming.headers.get('x-amz-account-id') ?? '';
    if (!/^\d{12}$/.test(named)) {
      throw new AwsError(400, 'InvalidRequest', 'x-amz-account-id is not an account id');
    }
    if (named !== accountOf(request)) throw accessDenied();
    return [{ action, resource: '*' }];
  };
}
