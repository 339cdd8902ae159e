/** The ARN of the provider of an issuer: the issuer's URL without its scheme is the name. */
export function oidcProviderArn(accountId: string, url: string): string {
  return `arn:aws:iam::${accountId}:oidc-provider/${url.replace(/^https?:\/\//, '')}`;
}
