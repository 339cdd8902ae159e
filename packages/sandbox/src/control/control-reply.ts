import { AwsError } from '../http/aws-error.ts';
import type { Incoming } from '../http/incoming.ts';
import { readBody, readWhole } from '../http/read-body.ts';
import type { Reply } from '../http/reply.ts';

const maxBodyBytes = 1024 * 1024;

/** The parsed body of a request to the control plane; null when it is no JSON. */
export async function readJson(incoming: Incoming): Promise<unknown> {
  const tooLarge = new AwsError(413, 'RequestTooLarge', 'The body is too large');
  const pieces = readBody(incoming, { kind: 'unsigned' });
  const bytes = await readWhole(pieces, maxBodyBytes, tooLarge);
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return null;
  }
}

export function json(status: number, value: unknown): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: `${JSON.stringify(value, null, 2)}\n`,
  };
}

/** An error of the control plane: what was found, and what to do instead. */
export function failure(status: number, message: string, hint: string): Reply {
  return json(status, { error: { message, hint } });
}
