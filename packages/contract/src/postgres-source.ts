import { z } from 'zod';

/**
 * How much is asked of TLS, as libpq names it. Its `allow` and `prefer` are not offered: they
 * fall back to plain text without a word.
 * https://www.postgresql.org/docs/current/libpq-ssl.html
 */
export const PostgresTlsMode = z.enum(['disable', 'require', 'verify-ca', 'verify-full']);
export type PostgresTlsMode = z.infer<typeof PostgresTlsMode>;

/**
 * A table or query of a PostgreSQL. The password goes in and never comes out: it is sealed as
 * other secrets are, and `url` is shown without it.
 */
export const PostgresSource = z
  .strictObject({
    type: z.literal('postgres'),
    url: z
      .string()
      .max(4096)
      .regex(
        /^postgres(ql)?:\/\/[^\s/@?#:]+(:[^\s/@?#]*)?@(\[[0-9a-f:.]+\]|[^\s/@?#:[\]]+)(:\d{1,5})?\/[^\s/?#]+$/i,
        'must be "postgres://user:password@host:port/database"; what is special in a part is percent-encoded',
      )
      .describe('With the password when it is given, and without it when it is shown'),
    tls: PostgresTlsMode.optional().describe(
      'Default "verify-full", and "disable" for a server on this machine',
    ),
    caCertificate: z
      .string()
      .max(100_000)
      .regex(/^\s*-----BEGIN CERTIFICATE-----/, 'must be certificates as PEM')
      .optional()
      .describe("Who signs the server's certificate, beside those that Node.js knows"),
    table: z
      .string()
      .min(1)
      .max(300)
      .optional()
      .describe('A table or view as schema.table, in the letter case that it has'),
    query: z
      .string()
      .min(1)
      .max(100_000)
      .optional()
      .describe("One SELECT in PostgreSQL's own SQL, in place of a table"),
    statementTimeoutSeconds: z
      .int()
      .min(1)
      .max(86_400)
      .default(3600)
      .describe('How long one statement may take, reading all rows included'),
  })
  .refine(
    ({ table, query }) => (table === undefined) !== (query === undefined),
    'must have "table" or "query"',
  )
  .meta({ id: 'PostgresSource' });
export type PostgresSource = z.infer<typeof PostgresSource>;

/** What is read of which server, without user and password. */
export function nameOfPostgres({ url, table }: Pick<PostgresSource, 'url' | 'table'>): string {
  const place = url.replace(/^.*@/s, '');
  return `postgres://${place} ${table === undefined ? 'query' : table}`;
}
