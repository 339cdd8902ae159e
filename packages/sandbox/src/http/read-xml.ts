import { XMLParser } from 'fast-xml-parser';

/** An element's children by name, each a list; a leaf is its text. */
export type XmlTree = { readonly [name: string]: readonly (XmlTree | string)[] };

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  removeNSPrefix: true,
  trimValues: false,
  // Every element becomes a list, so that one and many are read alike.
  isArray: () => true,
  // Without the second, characters by number (`&#34;`, as the SDK for Go writes quotes) stay as they are.
  processEntities: true,
  htmlEntities: true,
});

/** Reads an XML body whose root is `root`; null when it is not that. */
export function readXml(body: string, root: string): XmlTree | null {
  try {
    const parsed: unknown = parser.parse(body, true);
    const found = isTree(parsed) ? parsed[root]?.[0] : undefined;
    if (found === undefined) return null;
    return typeof found === 'string' ? {} : found;
  } catch {
    return null;
  }
}

export function textOf(tree: XmlTree, name: string): string | undefined {
  const value = tree[name]?.[0];
  return typeof value === 'string' ? value : undefined;
}

export function treesOf(tree: XmlTree, name: string): XmlTree[] {
  return (tree[name] ?? []).filter((item) => typeof item !== 'string');
}

function isTree(value: unknown): value is XmlTree {
  return typeof value === 'object' && value !== null;
}
