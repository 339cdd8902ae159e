/** An address as its bits, IPv4 in 32 and IPv6 in 128. */
interface Address {
  readonly bits: bigint;
  readonly width: 32 | 128;
}

/**
 * Makes a CIDR range ready; without a length it is one address. The answer is undefined
 * if either is not written as one. IPv4 and IPv6 never contain each other, except that
 * an IPv4-mapped IPv6 address counts as the IPv4 address it is.
 */
export function compileRange(range: string): (address: string) => boolean | undefined {
  const [base = '', length, ...rest] = range.split('/');
  const network = readAddress(base);
  const isLength = length === undefined || /^\d{1,3}$/.test(length);
  const prefix = length === undefined ? network?.width : Number(length);
  if (!network || !isLength || rest.length > 0 || prefix === undefined || prefix > network.width) {
    return () => undefined;
  }
  const ignored = BigInt(network.width - prefix);
  const wanted = network.bits >> ignored;
  return (address) => {
    const found = readAddress(address);
    if (!found) return undefined;
    return network.width === found.width && found.bits >> ignored === wanted;
  };
}

function readAddress(text: string): Address | null {
  if (!text.includes(':')) {
    const bits = readIpv4(text);
    return bits === null ? null : { bits, width: 32 };
  }
  const bits = readIpv6(text);
  if (bits === null) return null;
  return bits >> 32n === 0xffffn ? { bits: bits & 0xffffffffn, width: 32 } : { bits, width: 128 };
}

function readIpv4(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let bits = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
    bits = (bits << 8n) | BigInt(part);
  }
  return bits;
}

function readIpv6(text: string): bigint | null {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (tail) {
    const low = readIpv4(tail[2] ?? '');
    if (low === null) return null;
    return readIpv6(`${tail[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`);
  }
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const [head = [], rest = []] = groups;
  const missing = 8 - head.length - rest.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  let bits = 0n;
  for (const group of [...head, ...Array<string>(missing).fill('0'), ...rest]) {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return null;
    bits = (bits << 16n) | BigInt(`0x${group}`);
  }
  return bits;
}
