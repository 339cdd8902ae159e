import { iam } from './iam/iam.ts';
import { kms } from './kms/kms.ts';
import { preflight } from './s3/cors/preflight.ts';
import { s3OperationNames } from './s3/find-operation.ts';
import { sqs } from './sqs/sqs.ts';
import { sts } from './sts/sts.ts';

/** Every call that is served, by AWS's names, service by service. */
export function servedCalls(): Readonly<Record<string, readonly string[]>> {
  const names = (operations: object) => Object.keys(operations).sort();
  return {
    S3: s3OperationNames().sort(),
    STS: names(sts.operations),
    IAM: names(iam.operations),
    KMS: names(kms.operations),
    SQS: names(sqs.operations),
  };
}

/** Whether requests can be of this name, which for CORS is that of no call. */
export function isServed(name: string): boolean {
  return name === preflight.name || Object.values(servedCalls()).some((of) => of.includes(name));
}
