/** The ARN of what IAM holds under a name. */
export function entityArn(
  kind: 'user' | 'role' | 'policy' | 'group',
  entity: { readonly accountId: string; readonly path: string; readonly name: string },
): string {
  return `arn:aws:iam::${entity.accountId}:${kind}${entity.path}${entity.name}`;
}
