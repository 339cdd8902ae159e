import { z } from 'zod';

/** What is pasted often has spaces or a line break around it. */
const pasted = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^[!-~]+$/, 'must be letters, digits and signs without spaces');

/** An access key as it is entered. It is kept encrypted and never shown again. */
export const AccessKeyCreate = z
  .strictObject({
    accessKeyId: pasted(128).meta({ examples: ['AKIAIOSFODNN7EXAMPLE'] }),
    secretAccessKey: pasted(512).meta({ writeOnly: true, format: 'password' }),
    sessionToken: z
      .string()
      .min(1)
      .max(8192)
      .optional()
      .meta({ writeOnly: true })
      .describe('Belongs to temporary keys, which are refused: they end by themselves'),
  })
  .meta({ id: 'AccessKeyCreate' });
export type AccessKeyCreate = z.output<typeof AccessKeyCreate>;

/** How many secrets one key encrypts. */
const SecretKey = z
  .object({
    keyId: z.string(),
    secrets: z.int(),
    newest: z.boolean().describe('Whether it is the one that encrypts from now on'),
  })
  .meta({ id: 'SecretKey' });

export const SecretKeys = z.object({ keys: z.array(SecretKey) }).meta({ id: 'SecretKeys' });
export type SecretKeys = z.infer<typeof SecretKeys>;

export const SecretRotation = SecretKeys.extend({
  rewrapped: z.int().describe('Secrets that this call has taken over to the newest key'),
  remaining: z.int().describe('Secrets that are still under older keys: call again'),
}).meta({ id: 'SecretRotation' });
export type SecretRotation = z.infer<typeof SecretRotation>;
