import type { JsonOperation } from '../json-protocol/json-operation.ts';
import type { Members } from '../json-protocol/members.ts';
import { mustNotBeDoomed } from './find-key.ts';
import { kmsError } from './kms-error.ts';
import { keyOperation } from './kms-operation.ts';

const maxTags = 50;

/** @throws AwsError `TagException` or `ValidationException`. */
export function readTags(input: Members): Record<string, string> {
  const tags: Record<string, string> = {};
  const sent = input.list('Tags');
  if (sent.length > maxTags) throw kmsError('TagException', 'Too many tags');
  for (const tag of sent) {
    const key = tag.text('TagKey', { min: 1, max: 128 });
    if (/^aws:/i.test(key)) {
      throw kmsError('TagException', 'Tags beginning with aws: are reserved');
    }
    if (Object.hasOwn(tags, key)) throw kmsError('TagException', 'Duplicate tag keys');
    tags[key] = tag.text('TagValue', { max: 256 });
  }
  return tags;
}

export const tagResource: JsonOperation = keyOperation('TagResource', ({ input, world }, key) => {
  mustNotBeDoomed(key);
  const tags = { ...key.tags, ...readTags(input) };
  if (Object.keys(tags).length > maxTags) throw kmsError('TagException', 'Too many tags');
  world.state.commit(world.state.kmsKeys.put(key.id, { ...key, tags }));
  return null;
});

export const untagResource: JsonOperation = keyOperation(
  'UntagResource',
  ({ input, world }, key) => {
    mustNotBeDoomed(key);
    const gone = new Set(input.texts('TagKeys'));
    const tags = Object.fromEntries(Object.entries(key.tags).filter(([name]) => !gone.has(name)));
    world.state.commit(world.state.kmsKeys.put(key.id, { ...key, tags }));
    return null;
  },
);

export const listResourceTags: JsonOperation = keyOperation(
  'ListResourceTags',
  (_request, key) => ({
    Tags: Object.entries(key.tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
    Truncated: false,
  }),
);
