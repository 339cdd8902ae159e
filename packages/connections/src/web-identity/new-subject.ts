import { randomDigits } from '@causeway/contract';

/** 130 random bits: nobody else's token has this subject. */
export function newSubject(): string {
  return `connection:${randomDigits(26)}`;
}
