import { AwsError } from '../http/aws-error.ts';
import type { ObjectRecord } from '../state/records.ts';
import { type ByteRange, readRange } from './byte-range.ts';
import type { S3Request } from './s3-operation.ts';

/** The bytes of an object that a request asks for. */
export interface ChosenRange {
  /** Null for all of them. */
  readonly range: ByteRange | null;
  /** Set when a part was asked for: how many there are, and its checksum where it has one. */
  readonly part: { readonly count: number | null; readonly checksum: string | undefined } | null;
}

/** @throws AwsError `InvalidRange`, `InvalidPartNumber` or `InvalidRequest`. */
export function chooseRange({ call }: S3Request, object: ObjectRecord): ChosenRange {
  const { query, headers } = call.incoming;
  const wanted = query.get('partNumber');
  if (wanted === null) return { range: readRange(headers.get('range'), object.bytes), part: null };
  if (headers.has('range')) {
    throw new AwsError(
      400,
      'InvalidRequest',
      'Cannot specify both Range header and partNumber query parameter',
    );
  }
  const parts = visibleParts(object);
  const number = Number(wanted);
  const part = parts[number - 1];
  if (!Number.isInteger(number) || part === undefined) {
    throw new AwsError(416, 'InvalidPartNumber', 'The requested partnumber is not satisfiable', {
      fields: { ActualPartCount: String(parts.length), PartNumberRequested: wanted },
    });
  }
  const start = parts.slice(0, number - 1).reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    range: object.bytes === 0 ? null : { start, end: start + part.bytes },
    part: { count: object.multipart ? parts.length : null, checksum: part.checksum },
  };
}

/** The parts that a reader may ask for: an object that was not uploaded in parts is one. */
function visibleParts({
  multipart,
  parts,
  bytes,
  checksum,
}: ObjectRecord): readonly { readonly bytes: number; readonly checksum?: string }[] {
  return multipart ? parts : [{ bytes, ...(checksum && { checksum: checksum.value }) }];
}
