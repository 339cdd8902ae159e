import { AwsError } from '../http/aws-error.ts';
import { isJsonObject, type JsonObject } from '../http/json-object.ts';

/** What a member must be like. */
export interface MemberConstraint {
  readonly pattern?: RegExp;
  readonly min?: number;
  readonly max?: number;
  /** The only values there are. */
  readonly of?: readonly string[];
}

/** The members of a JSON request, refused in AWS's words where they are not as they must be. */
export class Members {
  readonly #values: JsonObject;
  readonly #missing: (member: string) => AwsError;

  constructor(values: JsonObject, missing: (member: string) => AwsError) {
    this.#values = values;
    this.#missing = missing;
  }

  has(name: string): boolean {
    return this.#value(name) !== undefined;
  }

  text(name: string, constraint: MemberConstraint = {}): string {
    return this.optionalText(name, constraint) ?? this.#refuseMissing(name);
  }

  /** @throws AwsError `ValidationException` when it breaks the constraint. */
  optionalText(name: string, constraint: MemberConstraint = {}): string | null {
    const value = this.#value(name);
    if (value === undefined) return null;
    if (typeof value !== 'string') throw wrongType(name, 'string');
    checkText(name, value, constraint);
    return value;
  }

  /** @throws AwsError `ValidationException` unless it is a whole number in the range, or absent. */
  optionalNumber(name: string, min: number, max: number): number | null {
    const value = this.optionalInteger(name);
    if (value === null) return null;
    if (value < min) {
      throw broken(`${value}`, name, `Member must have value greater than or equal to ${min}`);
    }
    if (value > max) {
      throw broken(`${value}`, name, `Member must have value less than or equal to ${max}`);
    }
    return value;
  }

  /** A whole number of any size, for services that have their own words for its range. */
  optionalInteger(name: string): number | null {
    const value = this.#value(name);
    if (value === undefined) return null;
    if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(name, 'integer');
    return value;
  }

  flag(name: string): boolean {
    const value = this.#value(name);
    if (value === undefined) return false;
    if (typeof value !== 'boolean') throw wrongType(name, 'boolean');
    return value;
  }

  /** Bytes that came in Base64. */
  bytes(name: string, maxBytes: number): Buffer {
    return this.optionalBytes(name, maxBytes) ?? this.#refuseMissing(name);
  }

  optionalBytes(name: string, maxBytes: number): Buffer | null {
    const value = this.optionalText(name);
    if (value === null) return null;
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(value)) throw wrongType(name, 'blob');
    const bytes = Buffer.from(value, 'base64');
    if (bytes.length > 0 && bytes.length <= maxBytes) return bytes;
    const rule =
      bytes.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${maxBytes}`;
    // It may be a secret.
    throw broken(null, name, `Member must have length ${rule}`);
  }

  /** An object whose values are all text; empty when absent. */
  textMap(name: string): Record<string, string> {
    const found: Record<string, string> = {};
    for (const [key, value] of Object.entries(this.#object(name) ?? {})) {
      if (typeof value !== 'string') throw wrongType(name, 'map of strings');
      found[key] = value;
    }
    return found;
  }

  /** An object whose values are objects; empty when absent. */
  memberMap(name: string): Record<string, Members> {
    const found: Record<string, Members> = {};
    for (const [key, value] of Object.entries(this.#object(name) ?? {})) {
      if (!isJsonObject(value)) throw wrongType(name, 'map of structures');
      found[key] = new Members(value, this.#missing);
    }
    return found;
  }

  texts(name: string): string[] {
    return this.#list(name).map((item) => {
      if (typeof item !== 'string') throw wrongType(name, 'list of strings');
      return item;
    });
  }

  list(name: string): Members[] {
    return this.#list(name).map((item) => {
      if (!isJsonObject(item)) throw wrongType(name, 'list of structures');
      return new Members(item, this.#missing);
    });
  }

  #value(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? (this.#values[name] ?? undefined) : undefined;
  }

  #object(name: string): JsonObject | null {
    const value = this.#value(name);
    if (value === undefined) return null;
    if (!isJsonObject(value)) throw wrongType(name, 'structure');
    return value;
  }

  #list(name: string): readonly unknown[] {
    const value = this.#value(name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw wrongType(name, 'list');
    return value;
  }

  #refuseMissing(name: string): never {
    throw this.#missing(name);
  }
}

/** A member that must be there and is not, in the words that most services share. */
export function missingMember(name: string): AwsError {
  return constraintBroken('Value null', name, 'Member must not be null');
}

/** @param value null when it is not to be repeated. */
function broken(value: string | null, name: string, rule: string): AwsError {
  return constraintBroken(value === null ? 'Value' : `Value '${value}'`, name, rule);
}

function constraintBroken(found: string, name: string, rule: string): AwsError {
  const field = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  return new AwsError(
    400,
    'ValidationException',
    `1 validation error detected: ${found} at '${field}' failed to satisfy constraint: ${rule}`,
  );
}

function checkText(name: string, value: string, constraint: MemberConstraint): void {
  const { pattern, min, max, of } = constraint;
  if (min !== undefined && value.length < min) {
    throw broken(value, name, `Member must have length greater than or equal to ${min}`);
  }
  if (max !== undefined && value.length > max) {
    throw broken(value, name, `Member must have length less than or equal to ${max}`);
  }
  if (of && !of.includes(value)) {
    throw broken(value, name, `Member must satisfy enum value set: [${of.join(', ')}]`);
  }
  if (pattern && !new RegExp(`^(?:${pattern.source})$`, 'u').test(value)) {
    throw broken(value, name, `Member must satisfy regular expression pattern: ${pattern.source}`);
  }
}

function wrongType(name: string, expected: string): AwsError {
  return new AwsError(400, 'SerializationException', `"${name}" is not a ${expected}`);
}
