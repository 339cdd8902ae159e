import { AwsError } from '../http/aws-error.ts';
import type { QueryRequest } from '../query/query-operation.ts';
import { noSuchEntity } from './iam-operation.ts';

/** The policy that a request is about. @throws AwsError `ValidationError` or `NoSuchEntity`. */
export function policyArn({ parameters, accountId }: QueryRequest): string {
  const arn = parameters.text('PolicyArn', { min: 20, max: 2048 });
  const [, owner] = /^arn:aws:iam::(\d{12}|aws):policy\/.+$/.exec(arn) ?? [];
  if (owner === undefined) throw new AwsError(400, 'ValidationError', `ARN ${arn} is not valid.`);
  if (owner !== accountId && owner !== 'aws') throw noSuchPolicy(arn);
  return arn;
}

export function noSuchPolicy(arn: string): AwsError {
  return noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
}
