import { element, text } from '../http/xml.ts';
import type { Tags } from '../state/records.ts';

/** Nothing at all for an entity without tags, as AWS answers. */
export function tagsElement(tags: Tags | undefined): string {
  const pairs = Object.entries(tags ?? {});
  return pairs.length === 0 ? '' : tagList(pairs);
}

/** The tags, also where there is none. */
export function tagList(pairs: readonly (readonly [string, string])[]): string {
  return element(
    'Tags',
    pairs.map(([key, value]) => element('member', [text('Key', key), text('Value', value)])),
  );
}
