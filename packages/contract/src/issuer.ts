import { z } from 'zod';

export const IssuerKeyInfo = z
  .object({
    id: z.string().describe('"kid" in tokens and in the published keys'),
    algorithm: z.literal('RS256'),
    state: z
      .enum(['next', 'signing', 'retired'])
      .describe('Published before it signs, and until the last of its tokens has expired'),
    createdAt: z.iso.datetime(),
    signsFrom: z.iso.datetime(),
    publishedUntil: z.iso.datetime().nullable().describe('Null while no key comes after it'),
  })
  .meta({ id: 'IssuerKey' });

/** Causeway as the issuer of the tokens that connections by `web_identity` show to AWS. */
export const IssuerState = z
  .object({
    url: z.string().describe('Customers register it as OpenID Connect provider, by this address'),
    audience: z.string().describe('What the provider lists as client ID'),
    keys: z.array(IssuerKeyInfo),
  })
  .meta({ id: 'IssuerState' });
export type IssuerState = z.infer<typeof IssuerState>;

export const IssuerRotate = z
  .strictObject({
    immediately: z
      .boolean()
      .default(false)
      .describe(
        'For a key that has leaked: the new key signs at once and all others are withdrawn. Until AWS has asked for the new keys, it may refuse tokens',
      ),
  })
  .meta({ id: 'IssuerRotate' });
