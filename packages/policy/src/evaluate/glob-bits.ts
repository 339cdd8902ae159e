/** The wildcards among the code points of a pattern. */
export const anyOne = -1;
export const anyRun = -2;
/** The wildcards of the parts of an ARN, which do not pass a colon. */
export const anyOneInPart = -3;
export const anyRunInPart = -4;

export function isRun(token: number | undefined): boolean {
  return token === anyRun || token === anyRunInPart;
}

/**
 * Patterns as sets of places, one pattern's after the other's. A pattern has one place more than
 * tokens that are no runs: bit `n` of them says that `n` of the tokens are matched.
 */
export interface GlobBits {
  /** The first place of each pattern, and the last, at which it is matched as a whole. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** By character: the places whose token it is, or which take any. The first 128 stand in a list. */
  readonly ascii: readonly Int32Array[];
  readonly beyond: ReadonlyMap<number, Int32Array>;
  /** The places that take any character. */
  readonly others: Int32Array;
  /** The places at which a run stands, so that any character may be passed over. */
  readonly loops: Int32Array;
  /** Those of them at which also a colon may be. */
  readonly colonLoops: Int32Array;
}

const colon = 58;

export function compileBits(patterns: readonly Int32Array[]): GlobBits {
  const places = patterns.reduce((sum, tokens) => sum + placesOf(tokens), 0);
  const words = Math.max(1, (places + 31) >>> 5);
  const set = () => new Int32Array(words);
  const [starts, ends, others, colonOthers, loops, colonLoops] = [
    set(),
    set(),
    set(),
    set(),
    set(),
    set(),
  ];
  const masks = new Map<number, Int32Array>([[colon, set()]]);
  let place = 0;
  const mark = (bits: Int32Array) => {
    bits[place >>> 5] = (bits[place >>> 5] ?? 0) | (1 << (place & 31));
  };
  for (const tokens of patterns) {
    mark(starts);
    for (const token of tokens) {
      if (isRun(token)) {
        mark(loops);
        if (token === anyRun) mark(colonLoops);
        continue;
      }
      if (token === anyOne || token === anyOneInPart) {
        mark(others);
        if (token === anyOne) mark(colonOthers);
      } else {
        const mask = masks.get(token) ?? set();
        masks.set(token, mask);
        mark(mask);
      }
      place++;
    }
    mark(ends);
    place++;
  }
  for (const [code, mask] of masks) {
    const any = code === colon ? colonOthers : others;
    for (let word = 0; word < words; word++) mask[word] = (mask[word] ?? 0) | (any[word] ?? 0);
  }
  const ascii = Array.from({ length: 128 }, (_, code) => masks.get(code) ?? others);
  return { starts, ends, ascii, beyond: masks, others, loops, colonLoops };
}

function placesOf(tokens: Int32Array): number {
  return tokens.reduce((sum, token) => (isRun(token) ? sum : sum + 1), 1);
}

/**
 * Whether any of the patterns matches. Follows all ways of all patterns at once: so many steps as
 * the text has characters, each over a 32nd of the patterns' places, whatever they look like.
 */
export function matchesBits(bits: GlobBits, text: string): boolean {
  return bits.loops.length === 1 ? matchesOneWord(bits, text) : matchesManyWords(bits, text);
}

function maskOf({ ascii, beyond, others }: GlobBits, code: number): Int32Array {
  return ascii[code] ?? beyond.get(code) ?? others;
}

function matchesOneWord(bits: GlobBits, text: string): boolean {
  const loop = bits.loops[0] ?? 0;
  const colonLoop = bits.colonLoops[0] ?? 0;
  let reached = bits.starts[0] ?? 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.codePointAt(index) ?? 0;
    if (code > 0xffff) index++;
    const stepped = reached & (maskOf(bits, code)[0] ?? 0);
    reached = (stepped << 1) | (reached & (code === colon ? colonLoop : loop));
    if (reached === 0) return false;
  }
  return (reached & (bits.ends[0] ?? 0)) !== 0;
}

function matchesManyWords(bits: GlobBits, text: string): boolean {
  const words = bits.loops.length;
  const reached = Int32Array.from(bits.starts);
  for (let index = 0; index < text.length; index++) {
    const code = text.codePointAt(index) ?? 0;
    if (code > 0xffff) index++;
    const mask = maskOf(bits, code);
    const loops = code === colon ? bits.colonLoops : bits.loops;
    let carry = 0;
    let alive = 0;
    for (let word = 0; word < words; word++) {
      // Every list has this many words. To provide for their absence takes twice the time.
      const here = reached[word] as number;
      const stepped = here & (mask[word] as number);
      const value = (stepped << 1) | carry | (here & (loops[word] as number));
      reached[word] = value;
      carry = stepped >>> 31;
      alive |= value;
    }
    if (alive === 0) return false;
  }
  return reached.some((here, word) => (here & (bits.ends[word] ?? 0)) !== 0);
}
