import type { PolicyDocument, StatementDocument } from '../model.ts';
import { checkLabel } from './check-input.ts';
import { forPrincipals, principalsElement } from './principals.ts';
import {
  customerReach,
  objectsUnder,
  type PlaceInput,
  type Reach,
  reachStatements,
} from './statements.ts';

export interface CustomerBucketPolicyInput extends PlaceInput {
  /** The role that Causeway assumes, or the user whose access keys it has. */
  readonly principalArn: string;
  /**
   * Letters and digits at the end of every Sid, so that connections to the same
   * bucket keep to their own statements when policies are merged.
   */
  readonly label?: string;
  /**
   * Also denies this principal everything else in the bucket. The role's own policies
   * already say so; this holds even when somebody widens them.
   */
  readonly confine?: boolean;
}

/**
 * The statements for a customer's bucket policy: needed where the bucket belongs to
 * another account than the role or user, or restricts further than usual. Add them
 * to what is there with `mergeBucketPolicy`.
 *
 * @throws PolicyInputError
 */
export function customerBucketPolicy(input: CustomerBucketPolicyInput): PolicyDocument {
  const { principalArn, partition = 'aws', confine } = input;
  // The bucket's policy has no say on the key.
  const reach = { ...customerReach(input), kmsKeyArn: undefined };
  const who = principalsElement('principalArn', [principalArn], partition);
  const label = checkLabel(input.label ?? '');
  const named = (statement: StatementDocument) =>
    forPrincipals(`Causeway${statement.Sid}${label}`, statement, who);
  const denies = confine ? confinement(reach, input.prefix) : [];
  return {
    Version: '2012-10-17',
    Statement: [...reachStatements(reach), ...denies].map(named),
  };
}

function confinement(reach: Reach, prefix: string): StatementDocument[] {
  const { arn } = reach;
  const under = objectsUnder(arn, prefix);
  const lists = reachStatements(reach).find(({ Sid }) => Sid === 'List')?.Condition?.['StringLike'];
  const actions = reachStatements(reach).flatMap(({ Action = [] }) => Action);
  return [
    {
      Sid: 'OnlyActions',
      Effect: 'Deny',
      NotAction: actions,
      Resource: [arn, objectsUnder(arn, '')],
    },
    { Sid: 'OnlyPrefix', Effect: 'Deny', Action: 's3:*', NotResource: [arn, under] },
    // A negated condition holds for an absent key: a list without a prefix is denied too.
    ...(lists
      ? [
          {
            Sid: 'OnlyLists',
            Effect: 'Deny' as const,
            Action: 's3:ListBucket',
            Resource: arn,
            Condition: { StringNotLike: lists },
          },
        ]
      : []),
  ];
}
