import {
  existingRoleStep,
  findGuideValue,
  guideDocument,
  guideValue,
  type SetupGuide,
} from '@causeway/contract';

/** Said in templates. */
export const revokeNote = 'Delete the stack to revoke access.';

/** How the customer takes everything back, as `aws` commands. */
export function revokeCommands(guide: SetupGuide): string[] {
  switch (guide.access) {
    case 'role':
    case 'web_identity': {
      const role = `--role-name ${guideValue(guide, 'roleName')}`;
      if (existingRoleStep(guide)) return fromExistingRole(guide, role);
      return [
        `aws iam delete-role-policy ${role} --policy-name causeway`,
        `aws iam delete-role ${role}`,
      ];
    }
    case 'access_key': {
      const user = `--user-name ${guideValue(guide, 'userName')}`;
      if (findGuideValue(guide, 'accountId') === undefined) return ['take the access key away'];
      return [
        `aws iam delete-access-key ${user} --access-key-id <the key's>`,
        `aws iam delete-user-policy ${user} --policy-name causeway`,
        `aws iam delete-user ${user}`,
      ];
    }
    case 'bucket_policy':
    case 'operator_role':
      return [
        'aws iam delete-user-policy --user-name <name> --policy-name causeway-managed-bucket-access',
      ];
  }
}

/** The role is the customer's own and stays. */
function fromExistingRole(guide: SetupGuide, role: string): string[] {
  const policy = guide.steps.find(({ operation }) => operation === 'PutRolePolicy');
  const { Statement } = guideDocument(guide, 'trustPolicy') as { Statement: { Sid: string }[] };
  return [
    `aws iam delete-role-policy ${role} --policy-name ${String(policy?.parameters['PolicyName'])}`,
    `take the statement "${Statement[0]?.Sid}" out of the role's trust policy`,
  ];
}
