import { randomBytes } from 'node:crypto';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** An access key id: `AKIA` for a user's key, `ASIA` for a temporary one. */
export function newAccessKeyId(prefix: 'AKIA' | 'ASIA'): string {
  return `${prefix}${random(16)}`;
}

/** The unique id of an entity: `AIDA` users, `AROA` roles, `ANPA` policies, `AGPA` groups. */
export function newEntityId(prefix: 'AIDA' | 'AROA' | 'ANPA' | 'AGPA'): string {
  return `${prefix}${random(17)}`;
}

function random(length: number): string {
  return [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]).join('');
}
