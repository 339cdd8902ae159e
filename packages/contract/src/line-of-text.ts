import { z } from 'zod';

/** Line breaks, controls, and the marks that make a text look like another one by turning it round. */
const unseen = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;

/** A name as people give it: of any script, on one line, and showing what it holds. */
export const LineOfText = z
  .string()
  .trim()
  .min(1)
  .refine(
    (text) => !unseen.test(text),
    'must be one line, without control characters and marks that change its direction',
  );
