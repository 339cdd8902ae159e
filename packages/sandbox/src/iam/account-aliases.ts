import { element, text } from '../http/xml.ts';
import { iamOperation } from './iam-operation.ts';

/** The alias that the configuration gives the account. */
export const listAccountAliases = iamOperation(
  'ListAccountAliases',
  () => '*',
  ({ world, accountId }) => {
    const account = world.accounts.find(({ id }) => id === accountId);
    return [
      element('AccountAliases', [text('member', account?.alias)]),
      text('IsTruncated', false),
    ];
  },
);
