import { AwsError } from '../http/aws-error.ts';
import type { QueryRequest } from '../query/query-operation.ts';
import type { RoleRecord } from '../state/records.ts';

const minSeconds = 900;
const maxSeconds = 43_200;
const defaultSeconds = 3600;
/** A role assumed by a session of a role: the limit that no setting raises. */
const maxChainedSeconds = 3600;

/** @throws AwsError `ValidationError` */
export function readDuration({ parameters }: Pick<QueryRequest, 'parameters'>): number | null {
  return parameters.optionalNumber('DurationSeconds', minSeconds, maxSeconds);
}

/**
 * How long a session of the role lasts.
 *
 * @throws AwsError `ValidationError` for longer than the role, or role chaining, has it.
 */
export function roleSessionSeconds({ parameters, caller }: QueryRequest, role: RoleRecord): number {
  const seconds = readDuration({ parameters }) ?? defaultSeconds;
  if (seconds > role.maxSessionSeconds) {
    throw tooLong(
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    );
  }
  if (caller.kind === 'session' && seconds > maxChainedSeconds) {
    throw tooLong(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  }
  return seconds;
}

const maxUserSeconds = 129_600;
const defaultUserSeconds = 43_200;
const maxRootSeconds = 3600;

/** How long temporary credentials of a user last; those of a root user, an hour at most, without complaint. */
export function userSessionSeconds({ parameters, caller }: QueryRequest): number {
  const asked = parameters.optionalNumber('DurationSeconds', minSeconds, maxUserSeconds);
  const seconds = asked ?? defaultUserSeconds;
  return caller.kind === 'root' ? Math.min(seconds, maxRootSeconds) : seconds;
}

function tooLong(message: string): AwsError {
  return new AwsError(400, 'ValidationError', message);
}
