/** Where the AWS console of a partition is. */
export function consoleHost(partition: string): string {
  return hosts[partition] ?? 'console.aws.amazon.com';
}

const hosts: Readonly<Record<string, string>> = {
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};
