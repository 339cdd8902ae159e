/** What the command's exit code says. */
export const exitCodes = {
  /** It could not be done; the message says why and what to do. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** It was done, and the answer is no: a check or a verification did not pass. */
  notProved: 3,
} as const;
