/**
 * Orders strings by their UTF-8 bytes, as S3 orders keys.
 *
 * JavaScript's own order is that of UTF-16 units, which puts characters beyond
 * U+FFFF (written as surrogates, U+D800 to U+DFFF) before U+E000 to U+FFFF.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
