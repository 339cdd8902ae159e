/** Why the sandbox could not start, and what to do about it. */
export class SandboxError extends Error {
  readonly code:
    | 'accounts_invalid'
    | 'config_invalid'
    | 'data_dir_in_use'
    | 'data_dir_damaged'
    | 'port_in_use';
  readonly hint: string;

  constructor(
    code: SandboxError['code'],
    message: string,
    hint: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
    this.name = 'SandboxError';
    this.code = code;
    this.hint = hint;
  }
}
