import { text } from '../http/xml.ts';
import type { QueryOperation } from '../query/query-operation.ts';

export const getCallerIdentity: QueryOperation = {
  name: 'GetCallerIdentity',
  // AWS answers it whatever any policy says.
  demands: () => [],
  run: ({ caller, accountId }) => [
    text('Arn', caller.arn),
    text('UserId', caller.userId),
    text('Account', accountId),
  ],
};
