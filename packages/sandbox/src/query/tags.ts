import { AwsError } from '../http/aws-error.ts';
import type { Tags } from '../state/records.ts';
import { constraintBroken, type Parameters } from './parameters.ts';

const maxTags = 50;
const keyRule = { pattern: /[\p{L}\p{Z}\p{N}_.:/=+\-@]+/u, min: 1, max: 128 } as const;
const valueRule = { pattern: /[\p{L}\p{Z}\p{N}_.:/=+\-@]*/u, min: 0, max: 256 } as const;

/**
 * The tags that a request passes as `Tags.member.N`.
 *
 * @param duplicateCode what the service calls two keys that differ in letter case at most.
 * @throws AwsError `ValidationError`, or `duplicateCode`.
 */
export function readTags(
  parameters: Parameters,
  duplicateCode: 'InvalidInput' | 'InvalidParameterValue',
): Tags {
  const tags: [string, string][] = [];
  while (parameters.has(`Tags.member.${tags.length + 1}`)) {
    const place = `Tags.member.${tags.length + 1}`;
    tags.push([
      parameters.text(`${place}.Key`, keyRule, nameOf(tags.length, 'key')),
      parameters.text(`${place}.Value`, valueRule, nameOf(tags.length, 'value')),
    ]);
  }
  checkTags(tags, duplicateCode);
  return Object.fromEntries(tags);
}

/** @throws AwsError as {@link readTags} does. */
export function checkTags(
  tags: readonly (readonly [string, string])[],
  duplicateCode: 'InvalidInput' | 'InvalidParameterValue',
): void {
  if (tags.length > maxTags) {
    throw constraintBroken(
      `${tags.length} tags`,
      'Tags',
      `Member must have length less than or equal to ${maxTags}`,
    );
  }
  const keys = tags.map(([key]) => key.toLowerCase());
  if (new Set(keys).size < keys.length) {
    throw new AwsError(
      400,
      duplicateCode,
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    );
  }
  if (keys.some((key) => key.startsWith('aws:'))) {
    throw new AwsError(
      400,
      duplicateCode,
      'Tag keys beginning with "aws:" are reserved for system use.',
    );
  }
}

/** The keys that a request names as `TagKeys.member.N`. */
export function readTagKeys(parameters: Parameters): string[] {
  return parameters.list('TagKeys');
}

function nameOf(index: number, part: string): string {
  return `tags.${index + 1}.member.${part}`;
}
