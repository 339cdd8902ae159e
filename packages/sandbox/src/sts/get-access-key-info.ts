import { AwsError } from '../http/aws-error.ts';
import { text } from '../http/xml.ts';
import type { QueryOperation } from '../query/query-operation.ts';

/** Tells whose an access key is, of whichever account. */
export const getAccessKeyInfo: QueryOperation = {
  name: 'GetAccessKeyInfo',
  demands: ({ accountId }) => [
    { action: 'sts:GetAccessKeyInfo', resource: '*', resourceAccount: accountId },
  ],
  run: ({ parameters, world }) => {
    const id = parameters.text('AccessKeyId', { pattern: /[\w]*/, min: 16, max: 128 });
    const account =
      world.accounts.find(({ accessKeyId }) => accessKeyId === id)?.id ??
      world.state.accessKeys.get(id)?.accountId ??
      world.state.sessions.get(id)?.accountId;
    if (account === undefined) {
      throw new AwsError(400, 'ValidationError', `Access Key ID ${id} does not exist`);
    }
    return [text('Account', account)];
  },
};
