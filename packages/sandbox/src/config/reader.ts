import { isJsonObject } from '../http/json-object.ts';

/** Reads JSON that people write, and collects all that is wrong with it, each finding with its place. */
export class Reader {
  readonly findings: string[] = [];

  report(path: string, message: string): void {
    this.findings.push(`${path} ${message}`);
  }

  /** An object with these keys at most; null when it is none. */
  object<K extends string>(
    value: unknown,
    path: string,
    keys: readonly K[],
  ): { readonly [key in K]?: unknown } | null {
    const entries = this.entries(value, path);
    if (entries === null) return null;
    const known: { [key in K]?: unknown } = {};
    for (const [name, field] of entries) {
      const key = keys.find((one) => one === name);
      if (key === undefined) {
        this.report(path, `has the unknown key "${name}": it may have ${keys.join(', ')}`);
      } else {
        known[key] = field;
      }
    }
    return known;
  }

  entries(value: unknown, path: string): [string, unknown][] | null {
    if (isJsonObject(value)) return Object.entries(value);
    this.report(path, `is ${describe(value)}, not an object`);
    return null;
  }

  /** Each item with its place; none when it is absent. */
  list(value: unknown, path: string): { readonly item: unknown; readonly path: string }[] {
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      this.report(path, `is ${describe(value)}, not a list`);
      return [];
    }
    return value.map((item: unknown, index) => ({ item, path: `${path}[${index}]` }));
  }

  text(value: unknown, path: string, pattern = /.+/, example = 'text'): string {
    if (typeof value === 'string' && new RegExp(`^(?:${pattern.source})$`, 'su').test(value)) {
      return value;
    }
    this.report(path, `is ${describe(value)}, not ${example}`);
    return '';
  }

  boolean(value: unknown, path: string, absent: boolean): boolean {
    if (value === undefined) return absent;
    if (typeof value === 'boolean') return value;
    this.report(path, `is ${describe(value)}, not true or false`);
    return absent;
  }

  wholeNumber(value: unknown, path: string, absent: number, max: number): number {
    if (value === undefined) return absent;
    if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= max) return Number(value);
    this.report(path, `is ${describe(value)}, not a whole number from 0 to ${max}`);
    return absent;
  }
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value);
}
