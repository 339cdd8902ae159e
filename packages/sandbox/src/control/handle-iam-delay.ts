import { type IamView, maxIamDelaySeconds } from '../access/iam-view.ts';
import type { Incoming } from '../http/incoming.ts';
import type { Reply } from '../http/reply.ts';
import { failure, json, readJson } from './control-reply.ts';

/** `GET` tells how long changes of IAM take to spread; `POST` sets it for those from now on. */
export async function handleIamDelay(incoming: Incoming, iam: IamView): Promise<Reply> {
  if (incoming.method === 'GET') return json(200, { seconds: iam.delaySeconds });
  if (incoming.method !== 'POST') {
    return failure(405, `${incoming.method} does not work on the IAM delay`, 'Use GET or POST');
  }
  const seconds = readSeconds(await readJson(incoming));
  if (seconds === null) {
    const found = `the body is not {"seconds": n} with a whole number from 0 to ${maxIamDelaySeconds}`;
    return failure(400, `Cannot set the IAM delay: ${found}`, 'Send {"seconds": 10}');
  }
  iam.setDelay(seconds);
  return json(200, { seconds });
}

function readSeconds(value: unknown): number | null {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1) return null;
  const seconds: unknown = 'seconds' in value ? value.seconds : null;
  const isFit =
    typeof seconds === 'number' &&
    Number.isInteger(seconds) &&
    seconds >= 0 &&
    seconds <= maxIamDelaySeconds;
  return isFit ? seconds : null;
}
