/** Writes XML as AWS does. Every function answers text that is already escaped. */

export function xmlDocument(name: string, children: readonly string[], namespace?: string): string {
  const attribute = namespace ? ` xmlns="${namespace}"` : '';
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name}${attribute}>${children.join('')}</${name}>`;
}

export function element(name: string, children: readonly string[]): string {
  return `<${name}>${children.join('')}</${name}>`;
}

/** An element with text, or nothing at all where there is no value. */
export function text(name: string, value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return '';
  return `<${name}>${escapeXml(String(value))}</${name}>`;
}

const named: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

export function escapeXml(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: keys may hold them, and must come back
  return value.replace(/[&<>"\u0000-\u0008\u000b-\u001f\u007f]/g, (character) => {
    return named[character] ?? `&#x${character.charCodeAt(0).toString(16)};`;
  });
}
