import { AwsError } from '../http/aws-error.ts';
import { readXml, textOf, treesOf, type XmlTree } from '../http/read-xml.ts';
import { element, text } from '../http/xml.ts';
import { checksumAlgorithms } from '../state/records.ts';
import { checksumHeader } from './checksums/checksum.ts';
import { removeObject } from './delete-object.ts';
import { visibleObject } from './find-object.ts';
import { checkIfMatch } from './preconditions.ts';
import { malformedXml, noSuchVersion } from './s3-error.ts';
import { objectArn, type S3Operation, type S3Request } from './s3-operation.ts';
import { xmlReply } from './s3-xml.ts';
import { isVersionId } from './versions/version-id.ts';

const maxKeys = 1000;

export const deleteObjects: S3Operation = {
  name: 'DeleteObjects',
  body: 'document',
  needsBucket: true,
  // Each key is decided on its own, in the answer.
  demands: () => [],
  run: (request) => {
    checkIntegrityHeader(request);
    const tree = readXml(request.document, 'Delete');
    const named = tree ? treesOf(tree, 'Object') : [];
    if (!tree || named.length === 0 || named.length > maxKeys) throw malformedXml();
    const isQuiet = textOf(tree, 'Quiet')?.trim() === 'true';
    const outcomes = named.map(readNamed).map((one) => deleteOne(request, one));
    return xmlReply(
      'DeleteResult',
      outcomes.filter((outcome) => !isQuiet || outcome.startsWith('<Error>')),
    );
  },
};

interface Named {
  readonly key: string;
  readonly versionId: string | null;
  readonly etag: string | null;
}

/** This call destroys many objects at once, so S3 insists on a proof that its body is unharmed. */
function checkIntegrityHeader({ call }: S3Request): void {
  const { headers } = call.incoming;
  const hasChecksum =
    headers.has('x-amz-trailer') ||
    checksumAlgorithms.some((algorithm) => headers.has(checksumHeader(algorithm)));
  if (hasChecksum || headers.has('content-md5')) return;
  throw new AwsError(
    400,
    'InvalidRequest',
    'Missing required header for this request: Content-MD5 OR x-amz-checksum-*',
  );
}

function readNamed(tree: XmlTree): Named {
  const key = textOf(tree, 'Key');
  if (!key) throw malformedXml();
  return { key, versionId: textOf(tree, 'VersionId') ?? null, etag: textOf(tree, 'ETag') ?? null };
}

/** Each key is decided and carried out on its own: one that is refused holds up no other. */
function deleteOne(request: S3Request, { key, versionId, etag }: Named): string {
  try {
    authorizeDeletion(request, key, versionId);
    if (versionId !== null && !isVersionId(versionId)) throw noSuchVersion(key, versionId);
    if (etag !== null) checkEtag(request, key, etag);
    const { markerId } = removeObject(request, key, versionId);
    return element('Deleted', [
      text('Key', key),
      text('VersionId', versionId),
      ...(markerId === null
        ? []
        : [text('DeleteMarker', true), text('DeleteMarkerVersionId', markerId)]),
    ]);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return element('Error', [
      text('Key', key),
      text('VersionId', versionId),
      text('Code', error.code),
      text('Message', error.message),
    ]);
  }
}

function authorizeDeletion(request: S3Request, key: string, versionId: string | null): void {
  const resource = objectArn(request.target.bucket ?? '', key);
  request.authorize(
    versionId === null
      ? { action: 's3:DeleteObject', resource }
      : { action: 's3:DeleteObjectVersion', resource, context: { 's3:VersionId': versionId } },
  );
}

function checkEtag(request: S3Request, key: string, etag: string): void {
  checkIfMatch(etag, key, visibleObject(request, key));
}
