import type { Incoming } from '../../http/incoming.ts';
import type { Blobs } from '../../state/blobs.ts';
import type { ObjectEncryption } from '../../state/encryption-records.ts';
import type { ChecksumAlgorithm, ObjectRecord } from '../../state/records.ts';
import { defaultAlgorithm, startChecksum } from '../checksums/checksum.ts';
import { readChecksumAlgorithm } from '../checksums/read-checksum-algorithm.ts';
import { etagOf } from '../encryption/encryption-headers.ts';
import { readObject } from '../read-object.ts';

/** What a copy's own request says of it. */
export interface CopyChoices {
  readonly wanted: ChecksumAlgorithm | null;
  readonly encryption: ObjectEncryption | undefined;
}

export type CopyDigests = Pick<ObjectRecord, 'etag' | 'checksum'>;

/** The algorithm that a copy asks for in place of its source's. */
export function readWantedAlgorithm({ headers }: Incoming): ChecksumAlgorithm | null {
  const name = headers.get('x-amz-checksum-algorithm');
  return name === undefined ? null : readChecksumAlgorithm(name);
}

/**
 * The ETag and checksum of a copy, which is one whole however its source was
 * made. Those of a source that is one whole, too, are taken over unread.
 */
export async function digestsOfCopy(
  source: ObjectRecord,
  { wanted, encryption }: CopyChoices,
  blobs: Blobs,
): Promise<CopyDigests> {
  const { etag, checksum } = source;
  const algorithm = wanted ?? checksum?.algorithm ?? defaultAlgorithm;
  const keepsEtag = !source.multipart && !source.encryption && !encryption;
  const keepsChecksum = checksum?.type === 'FULL_OBJECT' && checksum.algorithm === algorithm;
  if (keepsEtag && keepsChecksum) return { etag, checksum };
  const md5 = keepsEtag ? null : startChecksum('MD5');
  const running = keepsChecksum ? null : startChecksum(algorithm);
  for await (const piece of readObject(source, { start: 0, end: source.bytes }, blobs)) {
    md5?.update(piece);
    running?.update(piece);
  }
  return {
    etag: md5 ? etagOf(md5.digest().toString('hex'), encryption) : etag,
    checksum: running
      ? { algorithm, type: 'FULL_OBJECT', value: running.digest().toString('base64') }
      : checksum,
  };
}
