import { PostgresTlsMode } from '@causeway/contract';
import { type Command, Option } from 'commander';
import { defined, wholeNumber } from '../client-command.ts';
import { readInput } from '../read-input.ts';
import { readSecret } from '../terminal/read-secret.ts';

/** The flags that name a table or query of a PostgreSQL. */
export interface PostgresOptions {
  readonly postgres?: string;
  readonly password?: boolean;
  readonly table?: string;
  readonly query?: string;
  readonly tls?: PostgresTlsMode;
  readonly caCertificate?: string;
  readonly statementTimeout?: number;
}

export function postgresOptions(command: Command): Command {
  return command
    .option('--postgres <url>', 'postgres://user@host:port/database, with --table or --query')
    .option('--password', 'its password is asked for, or read from standard input')
    .option('--table <schema.table>', 'a table or view of that PostgreSQL')
    .addOption(
      new Option('--tls <mode>', 'what is asked of its TLS (default: verify-full)').choices(
        PostgresTlsMode.options,
      ),
    )
    .option('--ca-certificate <file>', 'who signs its certificate, as PEM')
    .option('--statement-timeout <seconds>', 'how long one statement of it may take', wholeNumber);
}

/** What is sent for a source of PostgreSQL. */
export async function postgresSourceOf(url: string, options: PostgresOptions) {
  const { password, table, query, tls, caCertificate, statementTimeout } = options;
  return {
    type: 'postgres' as const,
    url: password ? withPassword(url, await readSecret('Password: ')) : url,
    ...defined({ table, query, tls, statementTimeoutSeconds: statementTimeout }),
    ...(caCertificate !== undefined && { caCertificate: await readInput(caCertificate) }),
  };
}

function withPassword(url: string, password: string): string {
  return url.replace(/^([^:]+:\/\/[^:@/]+)(?::[^@/]*)?@/, (_, start: string) => {
    return `${start}:${encodeURIComponent(password)}@`;
  });
}
