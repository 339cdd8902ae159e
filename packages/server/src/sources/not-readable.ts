import { CausewayError } from '@causeway/contract';

export function notReadable(path: string, reason: string, cause?: unknown): CausewayError {
  return new CausewayError('source_not_readable', { path, reason }, { cause });
}
