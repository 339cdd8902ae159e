/** What the form "Switch role" of the AWS console asks for. */
export interface SwitchRole {
  readonly account: string;
  readonly roleName: string;
  /** Shown in the navigation bar while the role is in use; at most 64 characters. */
  readonly displayName: string;
}

/** Where consoles are, by partition. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
const domains: Readonly<Record<string, string>> = {
  'aws-cn': 'amazonaws.cn',
  'aws-us-gov': 'amazonaws-us-gov.com',
};

/**
 * Links into the AWS console.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-console.html
 */
export function consoleLinks(partition: string, region: string) {
  const domain = domains[partition] ?? 'aws.amazon.com';
  return {
    bucket: (name: string) =>
      `https://${region}.console.${domain}/s3/buckets/${name}?region=${region}&tab=objects`,
    switchRole: ({ account, roleName, displayName }: SwitchRole) =>
      `https://signin.${domain}/switchrole?${new URLSearchParams({ roleName, account, displayName })}`,
  };
}
