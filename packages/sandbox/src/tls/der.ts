/** Writes ASN.1 in DER, as far as a certificate needs it. */

const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
} as const;

export function sequence(...items: readonly Buffer[]): Buffer {
  return tagged(tags.sequence, ...items);
}

export function set(...items: readonly Buffer[]): Buffer {
  return tagged(tags.set, ...items);
}

/** A whole number that is not negative, from its bytes. */
export function integer(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = start < 0 ? Buffer.alloc(1) : bytes.subarray(start);
  // The highest bit is the sign.
  const isNegative = ((digits[0] ?? 0) & 0x80) !== 0;
  return tagged(tags.integer, isNegative ? Buffer.concat([Buffer.alloc(1), digits]) : digits);
}

export function yes(): Buffer {
  return tagged(tags.boolean, Buffer.from([0xff]));
}

export function bitString(bytes: Buffer, unusedBits = 0): Buffer {
  return tagged(tags.bitString, Buffer.from([unusedBits]), bytes);
}

export function octetString(bytes: Buffer): Buffer {
  return tagged(tags.octetString, bytes);
}

export function utf8String(text: string): Buffer {
  return tagged(tags.utf8String, Buffer.from(text));
}

/** For times until 2049, as certificates must write them. */
export function utcTime(time: Date): Buffer {
  const digits = time.toISOString().replace(/[-:T]|\.\d{3}/g, '');
  return tagged(tags.utcTime, Buffer.from(digits.slice(2)));
}

/** Such as `2.5.29.17`. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(
    tags.objectIdentifier,
    Buffer.from([first * 40 + second, ...rest.flatMap(inSevenBits)]),
  );
}

/** Something in the meaning that its context gives to `number`. */
export function inContext(number: number, isConstructed: boolean, ...items: Buffer[]): Buffer {
  return tagged(0x80 | (isConstructed ? 0x20 : 0) | number, ...items);
}

function tagged(tag: number, ...items: readonly Buffer[]): Buffer {
  const content = Buffer.concat(items);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let left = length; left > 0; left >>= 8) bytes.unshift(left & 0xff);
  return [0x80 | bytes.length, ...bytes];
}

/** Base 128, the highest bit set in all bytes but the last. */
function inSevenBits(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let left = value >> 7; left > 0; left >>= 7) bytes.unshift(0x80 | (left & 0x7f));
  return bytes;
}
