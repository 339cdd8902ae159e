import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CsvOptions, SourceCompression, SourceFormat } from '@causeway/contract';
import type { Client } from '@causeway/sdk';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { collectProperty, defined, wholeNumber } from '../client-command.ts';
import { readJsonInput } from '../read-input.ts';
import { type PostgresOptions, postgresOptions, postgresSourceOf } from './postgres-options.ts';

/** As the API takes a source. */
type SourceInput = Parameters<Client['datasets']['create']>[0]['source'];

/** The flags that say where the rows of a dataset are read from. */
export interface SourceOptions extends PostgresOptions {
  readonly file?: string;
  readonly http?: string;
  readonly object?: string;
  readonly objectRegion?: string;
  readonly objectAccount?: string;
  readonly push?: string;
  readonly retentionDays?: number;
  readonly dataset: Record<string, string>;
  readonly format?: SourceFormat;
  readonly compression?: SourceCompression;
  readonly column: Record<string, string>;
  readonly csvDelimiter?: string;
  readonly csvQuote?: string;
  readonly csvEscape?: string;
  readonly csvHeader?: boolean;
  readonly csvSkipLines?: number;
  readonly csvNull?: string;
  readonly csvQuotedNull?: boolean;
  readonly csvEncoding?: NonNullable<CsvOptions['encoding']>;
  readonly csvDateFormat?: string;
  readonly csvTimestampFormat?: string;
  readonly csvDecimal?: NonNullable<CsvOptions['decimalSeparator']>;
}

export function sourceOptions(command: Command): Command {
  return postgresOptions(command)
    .option('--file <path>', 'a file that the server can read, or several by a pattern in quotes')
    .option('--http <url>', 'a file on a web server')
    .option('--object <location>', 's3://bucket/key, a pattern in quotes, or a prefix ending in /')
    .option('--object-region <region>', "of that bucket, when it is not the operator's")
    .option('--object-account <id>', "whose that bucket must be, when it is not the operator's")
    .option('--push <columns.json>', 'for pushed records: [{"name": "id", "type": "BIGINT"}, ...]')
    .option(
      '--retention-days <n>',
      'remove pushed records then, once all deliveries have passed them (default: never)',
      wholeNumber,
    )
    .option('--query <sql>', 'one SELECT over other datasets, or of --postgres')
    .option(
      '--dataset <name=id>',
      'what --query calls a dataset; may be repeated',
      collectProperty,
      {},
    )
    .addOption(
      new Option('--format <format>', 'of the files (default: by their name)').choices(
        SourceFormat.options,
      ),
    )
    .addOption(
      new Option('--compression <kind>', 'of CSV and JSON').choices(SourceCompression.options),
    )
    .option(
      '--column <name=TYPE>',
      'the type of a column of CSV or JSON; may be repeated',
      collectProperty,
      {},
    )
    .option('--csv-delimiter <text>', 'between fields; "tab" for a tab')
    .option('--csv-quote <character>', 'around fields; "" for none')
    .option('--csv-escape <character>', 'before a quote within quotes; "" for none')
    .option('--csv-header', 'the first line names the columns')
    .option('--no-csv-header', 'the first line is a row')
    .option('--csv-skip-lines <n>', 'lines before the header', lineCount)
    .option('--csv-null <text>', 'what stands for NULL')
    .option('--no-csv-quoted-null', 'it is a text where it stands within quotes')
    .addOption(
      new Option('--csv-encoding <name>', 'how the text is written').choices([
        'utf-8',
        'latin-1',
        'utf-16',
      ]),
    )
    .option('--csv-date-format <format>', 'such as %d.%m.%Y')
    .option('--csv-timestamp-format <format>', 'such as "%d.%m.%Y %H:%M:%S"')
    .addOption(new Option('--csv-decimal <character>', 'before decimals').choices(['.', ',']));
}

/** Whether a source is named at all, where none need be. */
export function namesSource({ file, http, object, push, postgres, query }: SourceOptions): boolean {
  return [file, http, object, push, postgres, query].some((value) => value !== undefined);
}

/** Ends the command as wrong usage unless one source is named. */
export async function sourceOf(options: SourceOptions, command: Command): Promise<SourceInput> {
  const { file, http, object, push, postgres, table } = options;
  const query = postgres === undefined ? options.query : undefined;
  const named = [file, http, object, push, postgres, query].filter((value) => value !== undefined);
  if (named.length !== 1) {
    command.error('error: give one of --file, --http, --object, --push, --postgres and --query');
  }
  if (postgres === undefined && table !== undefined) {
    command.error('error: --table is of the server that --postgres names');
  }
  const form = formOf(options);
  if ((query ?? push ?? postgres) !== undefined && Object.keys(form).length > 0) {
    command.error('error: only files have a form: --query, --postgres and --push take none');
  }
  if (push === undefined && options.retentionDays !== undefined) {
    command.error("error: option '--retention-days <n>' needs '--push'");
  }
  if (push !== undefined) {
    // What the file says is for the server to judge.
    const { retentionDays } = options;
    return {
      type: 'push',
      columns: await readJsonInput(push),
      ...defined({ retentionDays }),
    } as SourceInput;
  }
  if (postgres !== undefined) return postgresSourceOf(postgres, options);
  if (query !== undefined) return { type: 'sql', query, datasets: options.dataset };
  if (http !== undefined) return { type: 'http', url: http, ...form };
  if (object === undefined) return { type: 'file', path: pathOf(file ?? ''), ...form };
  const { objectRegion: region, objectAccount: accountId } = options;
  return { type: 'bucket', location: object, ...defined({ region, accountId }), ...form };
}

/** A relative path is one of this folder; what is not here the server looks for in its folders of sources. */
function pathOf(path: string): string {
  const here = resolve(path);
  return /[*?]/.test(path) || existsSync(here) ? here : path;
}

function formOf(options: SourceOptions) {
  const { format, compression } = options;
  const columns = Object.entries(options.column).map(([name, type]) => ({ name, type }));
  const delimiter = options.csvDelimiter === 'tab' ? '\t' : options.csvDelimiter;
  const csv: CsvOptions = defined({
    delimiter,
    quote: options.csvQuote,
    escape: options.csvEscape,
    header: options.csvHeader,
    skipLines: options.csvSkipLines,
    nullText: options.csvNull,
    quotedNull: options.csvQuotedNull === false ? false : undefined,
    encoding: options.csvEncoding,
    dateFormat: options.csvDateFormat,
    timestampFormat: options.csvTimestampFormat,
    decimalSeparator: options.csvDecimal,
  });
  return {
    ...defined({ format, compression }),
    ...(columns.length > 0 && { columns }),
    ...(Object.keys(csv).length > 0 && { csv }),
  };
}

function lineCount(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
