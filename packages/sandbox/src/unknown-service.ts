import { AwsError } from './http/aws-error.ts';
import type { Incoming } from './http/incoming.ts';
import type { Reply } from './http/reply.ts';
import { element, text, xmlDocument } from './http/xml.ts';
import { s3ErrorReply } from './s3/s3-error.ts';
import type { Call } from './world.ts';

/**
 * Refuses a request that is signed for a service of AWS that the sandbox does not have. It is
 * written in the protocol of that service, as far as the request tells, so that AWS's
 * own clients show the message; with 501, which they do not try again.
 */
export function unknownServiceReply(service: string, call: Call): Reply {
  const error = new AwsError(
    501,
    'UnknownService',
    `The sandbox does not have the service "${service}". It has S3, STS, IAM, KMS and SQS.`,
  );
  call.record.code = error.code;
  // Services beside S3, such as "s3express", write errors as it does.
  if (service.startsWith('s3')) return s3ErrorReply(error, call);
  const headers = { 'x-amzn-requestid': call.id, 'x-amzn-errortype': error.code };
  const body = writesXml(service, call.incoming) ? xmlBody(service, error, call) : null;
  return body === null
    ? {
        status: error.status,
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ __type: error.code, message: error.message }),
      }
    : { status: error.status, headers: { ...headers, 'content-type': 'text/xml' }, body };
}

/** Those whose calls are forms (the protocols "query" and "ec2"), and the few with documents of XML. */
function writesXml(service: string, { headers }: Incoming): boolean {
  const type = headers.get('content-type') ?? '';
  const isForm = type.startsWith('application/x-www-form-urlencoded');
  return isForm || ['route53', 'cloudfront'].includes(service);
}

/** https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html has a shape of its own. */
function xmlBody(service: string, error: AwsError, call: Call): string {
  const told = [text('Code', error.code), text('Message', error.message)];
  if (service === 'ec2') {
    return xmlDocument('Response', [
      element('Errors', [element('Error', told)]),
      text('RequestID', call.id),
    ]);
  }
  return xmlDocument('ErrorResponse', [
    element('Error', [text('Type', 'Receiver'), ...told]),
    text('RequestId', call.id),
  ]);
}
