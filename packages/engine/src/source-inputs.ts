import type { SourceFormat } from '@causeway/contract';
import type { EngineSource, InputFiles, InputStream, SourceInput } from './engine-source.ts';
import {
  type InputRequest,
  inputFileName,
  inputStreamName,
  type SourceRequest,
} from './protocol.ts';
import { openSourceFile, type SourceFile } from './source-file.ts';
import type { JobFile } from './workplace.ts';

/** A source as its job needs it: what is asked of the child, and what lies in the job's folder. */
export interface OpenedSource {
  readonly request: SourceRequest;
  readonly files: readonly JobFile[];
  /** The same files, to see whether they changed meanwhile. */
  readonly watched: readonly SourceFile[];
  readonly streams: readonly OpenedStream[];
  /** Of all files. */
  readonly bytes: number;
}

export interface OpenedStream {
  /** Of its FIFO. */
  readonly name: string;
  readonly input: InputStream;
}

/**
 * Looks at all inputs of a source before DuckDB does.
 *
 * @throws CausewayError `source_not_readable`.
 */
export async function openSource(source: EngineSource): Promise<OpenedSource> {
  checkShape(source);
  const inputs: InputRequest[] = [];
  const files: JobFile[] = [];
  const watched: SourceFile[] = [];
  const streams: OpenedStream[] = [];
  for (const [index, input] of source.inputs.entries()) {
    const { name: table, format, columns = [], csv = {}, data } = input;
    if (data.type === 'stream') {
      const name = inputStreamName(index);
      streams.push({ name, input: data });
      files.push({ name, path: null, label: data.label });
      inputs.push({
        table,
        format,
        columns,
        csv,
        stream: true,
        files: [{ name, compression: 'none' }],
      });
      continue;
    }
    const opened = await openFiles(data, format);
    watched.push(...opened);
    const named = opened.map((file, at) => ({ ...file, name: inputFileName(index, at) }));
    files.push(...named);
    inputs.push({
      table,
      format,
      columns,
      csv,
      stream: false,
      files: named.map(({ name, compression }) => ({ name, compression })),
    });
  }
  const request = { inputs, query: source.query ?? null };
  const bytes = watched.reduce((sum, file) => sum + file.bytes, 0);
  return { request, files, watched, streams, bytes };
}

/** What no caller of ours may ask for: a fault here, not of a user. */
function checkShape({ inputs, query }: EngineSource): void {
  if (inputs.length === 0 || (query === undefined && inputs.length > 1)) {
    throw new Error(`Cannot read ${inputs.length} inputs without a query`);
  }
  for (const input of inputs) checkInput(input);
}

function checkInput({ name, data, format, columns = [] }: SourceInput): void {
  if (data.type === 'files') {
    if (data.files.length === 0) throw new Error(`Cannot read input "${name}": it has no files`);
    return;
  }
  if (columns.length === 0 || (format !== 'csv' && format !== 'jsonl')) {
    throw new Error(`Cannot stream input "${name}": it must be CSV or JSON lines of known columns`);
  }
}

async function openFiles(
  { files, compression = 'auto' }: InputFiles,
  format: SourceFormat,
): Promise<SourceFile[]> {
  const opened: SourceFile[] = [];
  for (const { path, label = path } of files) {
    opened.push(await openSourceFile(path, { format, compression, label }));
  }
  return opened;
}
