import { AwsError } from '../http/aws-error.ts';
import { readXml, textOf, treesOf, type XmlTree } from '../http/read-xml.ts';
import { element, text } from '../http/xml.ts';
import { checksumAlgorithms } from '../state/records.ts';
import { checksumHeader } from './checksums/checksum.ts';
import { removeObjects } from './delete-object.ts';
import { malformedXml } from './s3-error.ts';
import { objectArn, type S3Operation, type S3Request } from './s3-operation.ts';
import { xmlReply } from './s3-xml.ts';

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
    const outcomes = named.map((one) => ({ key: readKey(one), refusal: refusalOf(request, one) }));
    removeObjects(
      request,
      outcomes.flatMap(({ key, refusal }) => (refusal ? [] : [key])),
    );
    const isQuiet = textOf(tree, 'Quiet')?.trim() === 'true';
    return xmlReply(
      'DeleteResult',
      outcomes.flatMap(({ key, refusal }) => {
        if (refusal) return [errorElement(key, refusal)];
        return isQuiet ? [] : [element('Deleted', [text('Key', key)])];
      }),
    );
  },
};

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

function readKey(tree: XmlTree): string {
  const key = textOf(tree, 'Key');
  if (!key) throw malformedXml();
  return key;
}

function refusalOf(request: S3Request, tree: XmlTree): AwsError | null {
  const version = textOf(tree, 'VersionId');
  if (version !== undefined && version !== 'null') {
    return new AwsError(400, 'NoSuchVersion', 'The specified version does not exist.');
  }
  try {
    request.authorize({
      action: 's3:DeleteObject',
      resource: objectArn(request.target.bucket ?? '', readKey(tree)),
    });
    return null;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'AccessDenied') return error;
    throw error;
  }
}

function errorElement(key: string, refusal: AwsError): string {
  return element('Error', [
    text('Key', key),
    text('Code', refusal.code),
    text('Message', refusal.message),
  ]);
}
