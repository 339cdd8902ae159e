import { AwsError } from '../../http/aws-error.ts';
import type { S3Operation, S3Request } from '../s3-operation.ts';
import { matchCors, readCorsQuestion } from './match-cors.ts';

const methods = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'];

/**
 * What a browser asks before it sends a request that a plain link could not send.
 * Nobody is authenticated: a browser sends no credentials with it.
 */
export const preflight: S3Operation = {
  name: 'PreflightRequest',
  body: 'none',
  needsBucket: false,
  isOpen: true,
  demands: () => [],
  run: (request) => {
    const { call, target, world } = request;
    const { method, headers } = call.incoming;
    const question = readCorsQuestion(method, headers);
    if (!question) throw bad('Insufficient information. Origin request header needed.');
    const bucket = world.state.buckets.get(target.bucket ?? '');
    if (!bucket) throw forbidden(request, question.method, 'Bucket not found');
    if (!bucket.cors) {
      throw forbidden(request, question.method, 'CORS is not enabled for this bucket.');
    }
    const asked = headers.get('access-control-request-method') ?? 'null';
    if (!methods.includes(asked)) throw bad(`Invalid Access-Control-Request-Method: ${asked}`);
    const allowed = matchCors(bucket.cors, question);
    if (allowed) return { status: 200, headers: allowed };
    throw forbidden(
      request,
      question.method,
      // The misspelling is AWS's own.
      "This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
    );
  },
};

function bad(message: string): AwsError {
  return new AwsError(400, 'BadRequest', message);
}

function forbidden({ target }: S3Request, method: string, reason: string): AwsError {
  return new AwsError(403, 'AccessForbidden', `CORSResponse: ${reason}`, {
    fields: { Method: method, ResourceType: target.key === null ? 'BUCKET' : 'OBJECT' },
  });
}
