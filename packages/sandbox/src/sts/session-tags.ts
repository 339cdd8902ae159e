import type { HandedOn } from '../access/caller.ts';
import { type Context, tagContext } from '../access/context.ts';
import { AwsError } from '../http/aws-error.ts';
import type { Parameters } from '../query/parameters.ts';
import { readTags } from '../query/tags.ts';
import type { Tags } from '../state/records.ts';

/** What a new session is labelled with. */
export interface SessionTags {
  /** Passed by the request. */
  readonly passed: Tags;
  readonly transitiveKeys: readonly string[];
  /** From the session that assumes the role. */
  readonly inherited: Tags;
}

/**
 * Reads the tags for a new session and joins them with those that its caller hands on.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 *
 * @throws AwsError `ValidationError` or `InvalidParameterValue`.
 */
export function readSessionTags(parameters: Parameters, handsOn: HandedOn | null): SessionTags {
  const passed = readTags(parameters, 'InvalidParameterValue');
  return joinTags(passed, parameters.list('TransitiveTagKeys'), handsOn);
}

/** @throws AwsError `InvalidParameterValue` */
export function joinTags(
  passed: Tags,
  transitiveKeys: readonly string[],
  handsOn: HandedOn | null,
): SessionTags {
  const inherited = handsOn?.transitiveTags ?? {};
  if (transitiveKeys.some((key) => !Object.hasOwn(passed, key))) {
    throw invalid('The specified transitive tag key must be included in the requested tags.');
  }
  const taken = Object.keys(inherited).map((key) => key.toLowerCase());
  if (Object.keys(passed).some((key) => taken.includes(key.toLowerCase()))) {
    throw invalid(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
  }
  return { passed, transitiveKeys, inherited };
}

/** Everything a session is labelled with. */
export function allTags({ passed, inherited }: SessionTags): Tags {
  return { ...inherited, ...passed };
}

/** The condition keys of a request that passes tags. */
export function tagKeys({ passed, transitiveKeys }: SessionTags): Context {
  const keys = Object.keys(passed);
  if (keys.length === 0) return {};
  return {
    ...tagContext('aws:RequestTag', passed),
    'aws:TagKeys': keys,
    ...(transitiveKeys.length > 0 && { 'sts:TransitiveTagKeys': transitiveKeys }),
  };
}

function invalid(message: string): AwsError {
  return new AwsError(400, 'InvalidParameterValue', message);
}
