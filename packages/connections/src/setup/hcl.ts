/** Something written into HCL as it is, such as a reference to a variable. */
export class Expression {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export const expression = (text: string): Expression => new Expression(text);

/** A block such as `resource "aws_iam_role" "causeway" { ... }`. */
export interface Block {
  readonly type: string;
  readonly labels?: readonly string[];
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly blocks?: readonly Block[];
}

/** Blocks in the layout of `terraform fmt`. */
export function writeHcl(blocks: readonly Block[]): string {
  return blocks.map((block) => `${writeBlock(block, '')}\n`).join('\n');
}

function writeBlock({ type, labels = [], attributes = {}, blocks = [] }: Block, indent: string) {
  const head = [type, ...labels.map((label) => JSON.stringify(label))].join(' ');
  const inner = `${indent}  `;
  const own = assignments(attributes, inner);
  const nested: string[] = blocks.map((block) => writeBlock(block, inner));
  const parts = [...(own.length > 0 ? [own.join('\n')] : []), ...nested];
  return `${indent}${head} {\n${parts.join('\n\n')}\n${indent}}`;
}

/** Equals signs stand below each other, in lines that follow each other and hold a whole value. */
function assignments(attributes: Readonly<Record<string, unknown>>, indent: string): string[] {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({ name: keyOf(name), text: writeValue(value, indent) }));
  const isLong = (i: number) => written[i]?.text.includes('\n') ?? true;
  return written.map(({ name, text }, i) => {
    if (isLong(i)) return `${indent}${name} = ${text}`;
    let first = i;
    let last = i;
    while (first > 0 && !isLong(first - 1)) first -= 1;
    while (!isLong(last + 1)) last += 1;
    const width = Math.max(...written.slice(first, last + 1).map((each) => each.name.length));
    return `${indent}${name.padEnd(width)} = ${text}`;
  });
}

function keyOf(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name) ? name : quote(name);
}

function writeValue(value: unknown, indent: string): string {
  if (value instanceof Expression) return value.text;
  if (typeof value === 'string') return quote(value);
  if (value === null || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    const items = value.map((item) => writeValue(item, inner));
    const simple = value.every((item) => typeof item !== 'object' || item instanceof Expression);
    if (simple && items.join(', ').length <= 80) return `[${items.join(', ')}]`;
    return `[\n${items.map((item) => `${inner}${item},`).join('\n')}\n${indent}]`;
  }
  const lines = assignments(value as Record<string, unknown>, inner);
  return lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${indent}}`;
}

/** `\${` and `%{` begin templates in HCL, and are written twice to mean themselves. */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll('${', '$${').replaceAll('%{', '%%{');
}

/** A value as the argument of `jsonencode`, which is how policies are written readably. */
export function jsonEncoded(value: unknown, indent = '  '): Expression {
  return expression(`jsonencode(${writeValue(value, indent)})`);
}
