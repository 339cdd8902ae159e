/** A refusal in AWS's own words; each service writes it in its own format. */
export class AwsError extends Error {
  readonly status: number;
  readonly code: string;
  /** Further elements of an S3 error, such as `BucketName`. */
  readonly fields: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    more: {
      readonly fields?: Readonly<Record<string, string>>;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message);
    this.name = 'AwsError';
    this.status = status;
    this.code = code;
    this.fields = more.fields ?? {};
    this.headers = more.headers ?? {};
  }
}

/** Asks for the connection to be cut in place of an answer, or of the rest of it. */
export class DroppedReply extends Error {
  constructor() {
    super('The answer is withheld by a fault');
    this.name = 'DroppedReply';
  }
}

/** The client went away before its request was executed: nothing was done and nobody is told. */
export class ClientGone extends Error {
  constructor() {
    super('The client went away');
    this.name = 'ClientGone';
  }
}
