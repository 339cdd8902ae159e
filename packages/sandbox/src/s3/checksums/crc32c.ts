/** CRC-32C (Castagnoli), eight bytes at a step. */
const polynomial = 0x82f63b78;

const tables = makeTables();

/** Continues the CRC `before` (0 at the start) over `bytes`. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables;
  let crc = ~before;
  let at = 0;
  for (const end = bytes.length - 7; at < end; at += 8) {
    const low =
      crc ^
      (at4(bytes, at) |
        (at4(bytes, at + 1) << 8) |
        (at4(bytes, at + 2) << 16) |
        (at4(bytes, at + 3) << 24));
    crc =
      at4(t7, low & 0xff) ^
      at4(t6, (low >>> 8) & 0xff) ^
      at4(t5, (low >>> 16) & 0xff) ^
      at4(t4, low >>> 24) ^
      at4(t3, at4(bytes, at + 4)) ^
      at4(t2, at4(bytes, at + 5)) ^
      at4(t1, at4(bytes, at + 6)) ^
      at4(t0, at4(bytes, at + 7));
  }
  for (; at < bytes.length; at++) crc = at4(t0, (crc ^ at4(bytes, at)) & 0xff) ^ (crc >>> 8);
  return ~crc >>> 0;
}

type Tables = readonly [
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
];

function makeTables(): Tables {
  const first = new Uint32Array(256);
  for (let n = 0; n < 256; n++) {
    let crc = n;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? polynomial ^ (crc >>> 1) : crc >>> 1;
    first[n] = crc;
  }
  const made = [first];
  for (let step = 1; step < 8; step++) {
    const before = made[step - 1] ?? first;
    made.push(before.map((crc) => at4(first, crc & 0xff) ^ (crc >>> 8)));
  }
  return made as unknown as Tables;
}

function at4(array: Uint8Array | Uint32Array, index: number): number {
  return array[index] ?? 0;
}
