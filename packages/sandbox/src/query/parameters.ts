import { AwsError } from '../http/aws-error.ts';

/** What a parameter must be like. */
export interface Constraint {
  readonly pattern?: RegExp;
  readonly min?: number;
  readonly max?: number;
}

/** The parameters of a query call, refused in AWS's words where they are not as they must be. */
export class Parameters {
  readonly #values: URLSearchParams;

  constructor(values: URLSearchParams) {
    this.#values = values;
  }

  get(name: string): string | null {
    return this.#values.get(name);
  }

  /**
   * @param shown how AWS's message calls the parameter, if not by its own name.
   * @throws AwsError `ValidationError` when it is missing or breaks the constraint.
   */
  text(name: string, constraint: Constraint = {}, shown = name): string {
    const value = this.#values.get(name);
    if (value === null) {
      throw constraintBroken('null', shown, 'Member must not be null', true);
    }
    checkText(shown, value, constraint);
    return value;
  }

  optionalText(name: string, constraint: Constraint = {}): string | null {
    return this.#values.has(name) ? this.text(name, constraint) : null;
  }

  /** @throws AwsError `ValidationError` unless it is a whole number in the range, or absent. */
  optionalNumber(name: string, min: number, max: number): number | null {
    const value = this.#values.get(name);
    if (value === null) return null;
    if (!/^-?\d{1,15}$/.test(value)) {
      throw new AwsError(400, 'MalformedInput', `"${value}" is not a whole number`);
    }
    if (Number(value) < min) {
      throw constraintBroken(value, name, `Member must have value greater than or equal to ${min}`);
    }
    if (Number(value) > max) {
      throw constraintBroken(value, name, `Member must have value less than or equal to ${max}`);
    }
    return Number(value);
  }

  /** The members of a list, such as `PolicyArns.member.1.arn`. */
  list(name: string, field = ''): string[] {
    const found: string[] = [];
    for (let i = 1; ; i++) {
      const value = this.#values.get(`${name}.member.${i}${field === '' ? '' : `.${field}`}`);
      if (value === null) return found;
      found.push(value);
    }
  }

  has(prefix: string): boolean {
    return [...this.#values.keys()].some(
      (name) => name === prefix || name.startsWith(`${prefix}.`),
    );
  }
}

/** @throws AwsError `ValidationError` */
function checkText(name: string, value: string, { pattern, min, max }: Constraint): void {
  if (min !== undefined && value.length < min) {
    throw constraintBroken(value, name, `Member must have length greater than or equal to ${min}`);
  }
  if (max !== undefined && value.length > max) {
    throw constraintBroken(value, name, `Member must have length less than or equal to ${max}`);
  }
  if (pattern && !new RegExp(`^(?:${pattern.source})$`, 'u').test(value)) {
    throw constraintBroken(
      value,
      name,
      `Member must satisfy regular expression pattern: ${pattern.source}`,
    );
  }
}

/** AWS's sentence about a parameter that is not as it must be. */
export function constraintBroken(
  value: string,
  name: string,
  rule: string,
  isMissing = false,
): AwsError {
  const field = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  const found = isMissing ? `Value ${value}` : `Value '${value}'`;
  return new AwsError(
    400,
    'ValidationError',
    `1 validation error detected: ${found} at '${field}' failed to satisfy constraint: ${rule}`,
  );
}
