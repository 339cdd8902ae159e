import { textOf, treesOf, type XmlTree } from '../../http/read-xml.ts';
import type { LifecycleFilter } from '../../state/lifecycle-records.ts';
import { malformedXml } from '../s3-error.ts';

type Conditions = Omit<LifecycleFilter, 'form'>;

/** Reads which objects a rule is about: by its `Filter`, or by the `Prefix` of old. */
export function readFilter(rule: XmlTree): LifecycleFilter {
  const prefix = textOf(rule, 'Prefix');
  const filter = rule['Filter']?.[0];
  if ((prefix === undefined) === (filter === undefined)) throw malformedXml();
  if (prefix !== undefined) return { form: 'prefix', prefix };
  if (filter === undefined || typeof filter === 'string') return { form: 'empty' };
  const [and] = treesOf(filter, 'And');
  if (and) {
    if (Object.keys(filter).length > 1) throw malformedXml();
    return { form: 'and', ...readConditions(and) };
  }
  const conditions = readConditions(filter);
  const count = Object.keys(conditions).length;
  if (count > 1 || Object.keys(conditions.tags ?? {}).length > 1) throw malformedXml();
  return { form: count === 0 ? 'empty' : 'one', ...conditions };
}

function readConditions(tree: XmlTree): Conditions {
  const prefix = textOf(tree, 'Prefix');
  const tags = treesOf(tree, 'Tag').map((tag): readonly [string, string] => {
    const key = textOf(tag, 'Key');
    const value = textOf(tag, 'Value');
    if (key === undefined || value === undefined) throw malformedXml();
    return [key, value];
  });
  const sizeGreaterThan = readSize(tree, 'ObjectSizeGreaterThan');
  const sizeLessThan = readSize(tree, 'ObjectSizeLessThan');
  return {
    ...(prefix !== undefined && { prefix }),
    ...(tags.length > 0 && { tags: Object.fromEntries(tags) }),
    ...(sizeGreaterThan !== undefined && { sizeGreaterThan }),
    ...(sizeLessThan !== undefined && { sizeLessThan }),
  };
}

function readSize(tree: XmlTree, name: string): number | undefined {
  const value = textOf(tree, name)?.trim();
  if (value === undefined) return undefined;
  if (!/^\d{1,15}$/.test(value)) throw malformedXml();
  return Number(value);
}
