import { AwsError } from '../http/aws-error.ts';

/**
 * An error of SQS. It has two names: the one of the JSON protocol, and the older
 * one, which clients go on showing and which travels in a header.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait
 */
export function sqsError(
  shape: string,
  queryCode: string,
  message: string,
  status = 400,
): AwsError {
  return new AwsError(status, shape, message, {
    headers: { 'x-amzn-query-error': `${queryCode};Sender` },
  });
}

export function sqsRefusal(shape: string, message: string): AwsError {
  return sqsError(shape, `AWS.SimpleQueueService.${shape}`, message);
}

export function invalidParameter(message: string): AwsError {
  return sqsError('InvalidParameterValueException', 'InvalidParameterValue', message);
}

export function missingParameter(name: string): AwsError {
  return sqsError(
    'MissingRequiredParameterException',
    'MissingParameter',
    `The request must contain the parameter ${name}.`,
  );
}

/** The older names of errors that are not SQS's own. */
const commonErrors: Readonly<Record<string, string>> = {
  ExpiredTokenException: 'ExpiredToken',
  IncompleteSignatureException: 'IncompleteSignature',
  InvalidSignatureException: 'SignatureDoesNotMatch',
  MissingAuthenticationTokenException: 'MissingAuthenticationToken',
  UnrecognizedClientException: 'InvalidClientTokenId',
  UnknownOperationException: 'InvalidAction',
};

/** The older name of an error, which batches report each of their failures by. */
export function queryCodeOf({ headers, code }: AwsError): string {
  return headers['x-amzn-query-error']?.replace(/;Sender$/, '') ?? commonErrors[code] ?? code;
}
