import { Compression, type CsvForm, Format } from '@causeway/contract';
import { type Command, InvalidArgumentError, Option } from 'commander';

/** What `causeway deliveries create` is told about the form of the files. */
export interface FileFormOptions {
  readonly format: Format;
  readonly compression?: Compression;
  readonly fileSize?: number;
  readonly filePerRecord?: boolean;
  readonly keyTemplate?: string;
  readonly partitionBy?: string[];
  readonly csvDelimiter?: CsvForm['delimiter'];
  readonly csvHeader: boolean;
  readonly csvNull?: string;
  readonly csvLineEnd?: CsvForm['lineEnd'];
  readonly csvFormulaGuard?: boolean;
}

const delimiters = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' } as const;

/** @param isChange whether what is not given stays as it is. */
export function addFileFormOptions(command: Command, { isChange = false } = {}): Command {
  const format = new Option('--format <format>', 'the form of the files').choices(Format.options);
  return command
    .addOption(isChange ? format : format.default('parquet'))
    .addOption(
      new Option('--compression <name>', 'default: zstd for Parquet, none for text').choices(
        Compression.options,
      ),
    )
    .addOption(
      new Option('--file-size <MiB>', 'begin another file at about this size').argParser(toBytes),
    )
    .option('--file-per-record', 'each pushed record as a JSON object in a file of its own')
    .addOption(
      new Option('--no-file-per-record', 'files of as many records as there are').hideHelp(
        !isChange,
      ),
    )
    .option('--partition-by <column...>', 'folders by the values of columns, as region=eu/')
    .option(
      '--key-template <template>',
      'where files lie, as "{dataset}/{date}/{runId}_{index}.{ext}"',
    )
    .addOption(
      new Option('--csv-delimiter <name>', 'what stands between fields')
        .choices(Object.keys(delimiters))
        .argParser((name) => delimiters[name as keyof typeof delimiters]),
    )
    .option('--no-csv-header', 'no line of names at the beginning of each file')
    .option('--csv-null <text>', 'what stands for NULL (default: nothing, unquoted)')
    .addOption(new Option('--csv-line-end <end>', 'line ends').choices(['lf', 'crlf']))
    .option(
      '--csv-formula-guard',
      'for spreadsheets: an apostrophe before what looks like a formula',
    );
}

/** Only what was asked for: the rest has its default at the server. */
export function fileFormOf(options: Partial<FileFormOptions>) {
  const csv: Partial<CsvForm> = {
    ...(options.csvDelimiter && { delimiter: options.csvDelimiter }),
    ...(options.csvHeader === false && { header: false }),
    ...(options.csvNull !== undefined && { nullText: options.csvNull }),
    ...(options.csvLineEnd && { lineEnd: options.csvLineEnd }),
    ...(options.csvFormulaGuard && { formulaGuard: 'escape' as const }),
  };
  return {
    ...(options.format && { format: options.format }),
    ...(options.compression && { compression: options.compression }),
    ...(options.fileSize !== undefined && { targetFileBytes: options.fileSize }),
    ...(options.filePerRecord !== undefined && { filePerRecord: options.filePerRecord }),
    ...(options.keyTemplate !== undefined && { keyTemplate: options.keyTemplate }),
    ...(options.partitionBy && { partitionBy: options.partitionBy }),
    ...(Object.keys(csv).length > 0 && { csv }),
  };
}

/** The form of CSV as fields to show. */
export function describeCsv(csv: CsvForm): Record<string, string> {
  return {
    csv: Object.entries(csv)
      .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
      .join(', '),
  };
}

function toBytes(text: string): number {
  const mebibytes = Number(text);
  if (Number.isInteger(mebibytes) && mebibytes > 0) return mebibytes * 1024 ** 2;
  throw new InvalidArgumentError('must be a whole number of MiB');
}
