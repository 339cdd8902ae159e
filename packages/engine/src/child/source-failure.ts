import type { SourceRequest } from '../protocol.ts';
import { duckDbReason, JobError, lineReason } from './job-error.ts';

/** What DuckDB says of a page that does not decode; the file's end was found well before. */
const damage = /decompress|thrift|TProtocol|corrupt|out of buffer|out of range in|invalid.*page/i;

/** What it says of a line that it cannot read. */
const badLine = /CSV Error|JSON transform error|Malformed JSON|input is not valid/i;

/** Of a query that failed while it read: what is wrong with a file, if that is what it was. */
export function sourceFailure(error: unknown, { inputs }: SourceRequest): unknown {
  const reason = duckDbReason(error);
  const isDamaged = damage.test(reason);
  const file = namedFile(reason, inputs) ?? inputs[0]?.files[0];
  if (file === undefined || !(isDamaged || badLine.test(reason))) return error;
  return new JobError(
    {
      code: 'file_not_readable',
      name: file.name,
      reason: isDamaged ? `its data is damaged (${reason})` : lineReason(reason),
    },
    { cause: error },
  );
}

function namedFile(reason: string, inputs: SourceRequest['inputs']) {
  return inputs
    .flatMap(({ files }) => files)
    .find(({ name }) => new RegExp(`\\b${name}\\b`).test(reason));
}
