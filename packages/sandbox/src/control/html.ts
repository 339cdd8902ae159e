import { escapeXml } from '../http/xml.ts';

/** Markup that is safe to send as it is. */
export interface Html {
  readonly markup: string;
}

export type HtmlValue = Html | string | number | null | readonly HtmlValue[];

/** Markup with values in it: whatever is not markup itself is escaped. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const written = parts.map(
    (part, i) => part + (i < values.length ? write(values[i] ?? null) : ''),
  );
  return { markup: written.join('') };
}

function write(value: HtmlValue): string {
  if (value === null) return '';
  if (typeof value === 'string' || typeof value === 'number') return escapeXml(String(value));
  return 'markup' in value ? value.markup : value.map(write).join('');
}
