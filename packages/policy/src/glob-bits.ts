/** The wildcards among the code points of a pattern. */
export const anyOne = -1;
export const anyRun = -2;

/** A pattern as sets of places: bit `n` says that `n` of its tokens, runs not counted, are matched. */
export interface GlobBits {
  readonly places: number;
  /** By character: the places whose token it is, or which take any. The first 128 stand in a list. */
  readonly ascii: readonly Int32Array[];
  readonly beyond: ReadonlyMap<number, Int32Array>;
  /** The places that take any character. */
  readonly others: Int32Array;
  /** The places at which a run stands, so that any character may be passed over. */
  readonly loops: Int32Array;
}

/** @param places how many of the tokens are no runs. */
export function compileBits(tokens: Int32Array, places: number): GlobBits {
  const words = (places >>> 5) + 1;
  const others = new Int32Array(words);
  const loops = new Int32Array(words);
  const masks = new Map<number, Int32Array>();
  let place = 0;
  const mark = (bits: Int32Array) => {
    bits[place >>> 5] = (bits[place >>> 5] ?? 0) | (1 << (place & 31));
  };
  for (const token of tokens) {
    if (token === anyRun) {
      mark(loops);
      continue;
    }
    if (token === anyOne) mark(others);
    else {
      const mask = masks.get(token) ?? new Int32Array(words);
      masks.set(token, mask);
      mark(mask);
    }
    place++;
  }
  for (const mask of masks.values()) {
    for (let word = 0; word < words; word++) mask[word] = (mask[word] ?? 0) | (others[word] ?? 0);
  }
  const ascii = Array.from({ length: 128 }, (_, code) => masks.get(code) ?? others);
  return { places, ascii, beyond: masks, others, loops };
}

/**
 * Follows all ways to match at once: so many steps as the text has characters, each over
 * a 32nd of the pattern, whatever the two look like.
 */
export function matchesBits(bits: GlobBits, text: string): boolean {
  return bits.loops.length === 1 ? matchesOneWord(bits, text) : matchesManyWords(bits, text);
}

function maskOf({ ascii, beyond, others }: GlobBits, code: number): Int32Array {
  return ascii[code] ?? beyond.get(code) ?? others;
}

function matchesOneWord(bits: GlobBits, text: string): boolean {
  const loop = bits.loops[0] ?? 0;
  let reached = 1;
  for (let index = 0; index < text.length; index++) {
    const code = text.codePointAt(index) ?? 0;
    if (code > 0xffff) index++;
    const stepped = reached & (maskOf(bits, code)[0] ?? 0);
    reached = (stepped << 1) | (reached & loop);
    if (reached === 0) return false;
  }
  return ((reached >>> bits.places) & 1) === 1;
}

function matchesManyWords(bits: GlobBits, text: string): boolean {
  const { loops, places } = bits;
  const words = loops.length;
  let reached = new Int32Array(words);
  let next = new Int32Array(words);
  reached[0] = 1;
  for (let index = 0; index < text.length; index++) {
    const code = text.codePointAt(index) ?? 0;
    if (code > 0xffff) index++;
    const mask = maskOf(bits, code);
    let carry = 0;
    let alive = 0;
    for (let word = 0; word < words; word++) {
      const here = reached[word] ?? 0;
      const stepped = here & (mask[word] ?? 0);
      const value = (stepped << 1) | carry | (here & (loops[word] ?? 0));
      next[word] = value;
      carry = stepped >>> 31;
      alive |= value;
    }
    if (alive === 0) return false;
    [reached, next] = [next, reached];
  }
  return (((reached[places >>> 5] ?? 0) >>> (places & 31)) & 1) === 1;
}
