/** One thing that happened, for people and machines that run Causeway. */
export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error';
  /** Named as in `http:request:failed`: what, which part, what became of it. */
  readonly event: string;
  readonly [field: string]: unknown;
}
export type Log = (entry: LogEntry) => void;

/** Writes each entry as one line of JSON, with the time and without secrets. */
export function jsonLinesLog(write: (line: string) => void, now = () => new Date()): Log {
  return (entry) => {
    const line = JSON.stringify({ time: now().toISOString(), ...entry }, errorsAsObjects);
    write(`${redact(line)}\n`);
  };
}

/** What must never be written down, whatever message it hides in, and what stands for it. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/\b(cw[kls]_)[A-Za-z0-9_]+/g, '$1[redacted]'],
  [/\b(A[SK]IA)[A-Z0-9]{12,}/g, '$1[redacted]'],
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/@"'\\]+@/gi, '$1[redacted]@'],
  [/(x-amz-(?:signature|credential|security-token)=)[^&\s"\\]+/gi, '$1[redacted]'],
  [/(\bsignature=)[0-9a-f]{64}/gi, '$1[redacted]'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----/gs, '[redacted key]'],
];

/**
 * Takes API keys, tokens of setup links and of their sessions, AWS keys and signatures,
 * passwords in addresses and private keys out of a text.
 */
export function redact(text: string): string {
  return secrets.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text);
}

/** `JSON.stringify` writes an `Error` as `{}`. */
function errorsAsObjects(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { name, message, stack, ...(cause !== undefined && { cause }) };
}
