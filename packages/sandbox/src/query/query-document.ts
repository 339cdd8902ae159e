import type { AwsError } from '../http/aws-error.ts';
import { element, text, xmlDocument } from '../http/xml.ts';
import type { Call } from '../world.ts';

/** An answer as the query protocol writes it; `result` is null for one that has none. */
export function resultDocument(
  call: Call,
  namespace: string,
  name: string,
  result: readonly string[] | null,
): string {
  return xmlDocument(
    `${name}Response`,
    [
      ...(result ? [element(`${name}Result`, result)] : []),
      element('ResponseMetadata', [text('RequestId', call.id)]),
    ],
    namespace,
  );
}

/** A refusal as the query protocol writes it, under the code that it has there. */
export function errorDocument(
  call: Call,
  namespace: string,
  { status, message }: AwsError,
  code: string,
): string {
  return xmlDocument(
    'ErrorResponse',
    [
      element('Error', [
        text('Type', status < 500 ? 'Sender' : 'Receiver'),
        text('Code', code),
        text('Message', message),
      ]),
      text('RequestId', call.id),
    ],
    namespace,
  );
}
