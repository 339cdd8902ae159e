/** The partition that an ARN is of; that of most regions where there is no ARN. */
export function partitionOfArn(arn: string | null): string {
  return arn?.split(':')[1] || 'aws';
}
