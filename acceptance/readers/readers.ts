import { fileURLToPath } from 'node:url';
import { findProgram, type Program, programAt } from '../support/programs.ts';

/** A delivered file, and how it was asked for. */
export interface DeliveredFile {
  readonly path: string;
  readonly format: 'parquet' | 'csv' | 'jsonl' | 'json';
  readonly compression: string;
  /** For CSV alone. */
  readonly csv: CsvForm | null;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

export interface CsvForm {
  readonly delimiter: string;
  readonly header: boolean;
  readonly nullText: string;
  readonly lineEnd: 'lf' | 'crlf';
}

/** What a program finds in a file: names of columns, and values as texts. */
export interface FoundRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Some way to read files that nobody here wrote. */
export interface Reader {
  readonly name: string;
  /** Null where it is not installed. */
  readonly program: Program | null;
  readonly formats: readonly DeliveredFile['format'][];
  /** Of whole files; others are unpacked for it by `zcat` and `zstd`. */
  readonly unpacks: readonly string[];
  /** Whether CSV's NULL is something else to it than a text. */
  readonly tellsNull: boolean;
  /** Whether it takes numbers of a type for doubles, as JavaScript does. */
  readonly rounds?: (file: DeliveredFile, type: string) => boolean;
  /** It takes every line end for LF, also within quotes. */
  readonly unifiesLineEnds?: true;
  read(files: readonly DeliveredFile[]): Promise<FoundRows[]>;
}

const script = fileURLToPath(new URL('./read-files.py', import.meta.url));

/** A library of whichever Python has it, Debian's or the first in PATH, as that of a virtual environment. */
function python(
  name: string,
  library: string,
  reader: Pick<Reader, 'formats' | 'unpacks' | 'tellsNull' | 'rounds'>,
  probe = `import ${library}`,
): Reader {
  const program = findProgram('python3', ['-c', probe]);
  return {
    name,
    program,
    ...reader,
    async read(files) {
      const tasks = JSON.stringify(files.map((file) => ({ reader: library, ...file })));
      return JSON.parse((await program?.run([script, tasks])) ?? '[]');
    },
  };
}

const jq = findProgram('jq', ['--version']);
const csvjson = findProgram('csvjson', ['--version']);

export const readers: readonly Reader[] = [
  python('pyarrow', 'pyarrow', {
    formats: ['parquet', 'csv'],
    unpacks: ['gzip', 'zstd'],
    tellsNull: true,
  }),
  python(
    'DuckDB for Python',
    'duckdb',
    {
      formats: ['parquet', 'csv', 'jsonl', 'json'],
      unpacks: ['gzip', 'zstd'],
      tellsNull: true,
      rounds: ({ format }, type) => format.startsWith('json') && type.startsWith('DECIMAL'),
    },
    // It returns times with a zone by pytz, which it does not bring.
    'import duckdb, pytz',
  ),
  python('pandas', 'pandas', { formats: ['csv'], unpacks: ['gzip'], tellsNull: false }),
  python("Python's csv", 'csv', { formats: ['csv'], unpacks: [], tellsNull: false }),
  python("Python's json", 'json', { formats: ['jsonl', 'json'], unpacks: [], tellsNull: true }),
  {
    name: 'jq',
    program: jq,
    formats: ['jsonl', 'json'],
    unpacks: [],
    tellsNull: true,
    rounds: () => true,
    read: (files) => Promise.all(files.map(readWithJq)),
  },
  {
    name: 'csvkit',
    program: csvjson,
    formats: ['csv'],
    unpacks: [],
    tellsNull: false,
    unifiesLineEnds: true,
    read: (files) => Promise.all(files.map(readWithCsvkit)),
  },
];

async function readWithJq({ path, format }: DeliveredFile): Promise<FoundRows> {
  const asTexts = 'map_values(if type == "string" or . == null then . else tojson end)';
  const objects = format === 'json' ? '.[]' : '.';
  const printed = await jq?.run(['-c', `${objects} | ${asTexts}`, path]);
  const lines = (printed ?? '').trimEnd().split('\n');
  return rowsOf(lines.map((line) => parse(line)));
}

/** Texts as they are: it would guess types, and take "NULL" and "na" for nothing. */
async function readWithCsvkit({ path, csv }: DeliveredFile): Promise<FoundRows> {
  const delimiter = csv?.delimiter === '\t' ? ['--tabs'] : ['--delimiter', csv?.delimiter ?? ','];
  const header = csv?.header ? [] : ['--no-header-row'];
  const asTheyAre = [
    '--no-inference',
    '--blanks',
    '--snifflimit',
    '0',
    '--maxfieldsize',
    '1000000',
  ];
  const printed = await csvjson?.run([...asTheyAre, ...delimiter, ...header, path]);
  return rowsOf(parse(printed ?? '[]'));
}

function parse<T>(text: string): T {
  return JSON.parse(text) as T;
}

type TextsByName = Readonly<Record<string, string | null>>;

function rowsOf(objects: readonly TextsByName[]): FoundRows {
  return { columns: Object.keys(objects[0] ?? {}), rows: objects.map(Object.values) };
}

/** Unpacks `path` to `target`, with whatever the system has for it; null where it has nothing. */
export async function unpack(file: DeliveredFile, target: string): Promise<DeliveredFile | null> {
  const names = { gzip: 'zcat', zstd: 'zstdcat' } as const;
  const name = names[file.compression as keyof typeof names];
  if (!findProgram(name, ['--version'])) return null;
  const shell = programAt('/bin/sh');
  await shell.run(['-c', `${name} "$1" > "$2"`, 'unpack', file.path, target]);
  return { ...file, path: target, compression: 'none' };
}
