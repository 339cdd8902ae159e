import { BlockList, isIP } from 'node:net';

/**
 * What an IP address is good for:
 *
 * - `public`: on the internet.
 * - `private`: of this machine or of a network of somebody's own; only for hosts that the
 *   operator has listed by that very name or address.
 * - `forbidden`: nobody's service, or one that gives credentials to whoever asks (link-local:
 *   instance metadata). Never connected to, whatever is listed.
 */
export type AddressKind = 'public' | 'private' | 'forbidden';

const privateRanges = blockList([
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fc00::/7',
  'fec0::/10',
]);

/**
 * https://www.iana.org/assignments/iana-ipv4-special-registry and
 * https://www.iana.org/assignments/iana-ipv6-special-registry; and where clouds answer
 * questions on the machine itself:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
 */
const forbiddenRanges = blockList([
  '0.0.0.0/8',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '3fff::/20',
  '5f00::/16',
  'fd00:ec2::/32',
  'fe80::/10',
  'ff00::/8',
]);

/** Forms of IPv6 that carry an address of IPv4, and at which of their 16 bytes it begins. */
const carriers = [
  { list: blockList(['::ffff:0:0/96', '::/96', '64:ff9b::/96', '64:ff9b:1::/48']), at: 12 },
  { list: blockList(['2002::/16']), at: 2 },
] as const;

/**
 * Tells what an address is good for, also when it is an IPv4 address inside an IPv6
 * one (mapped, compatible, translated, 6to4).
 *
 * @throws Error when it is no IP address.
 */
export function addressKind(address: string): AddressKind {
  const bare = address.replace(/%.*$/, '');
  const family = isIP(bare);
  if (family === 0) throw new Error(`Cannot judge "${address}": it is no IP address`);
  if (family === 4) return kindIn(bare, 'ipv4');
  // `::` and `::1` lie in the range of compatible addresses and mean something else.
  const kind = kindIn(bare, 'ipv6');
  if (kind !== 'public') return kind;
  const carrier = carriers.find(({ list }) => list.check(bare, 'ipv6'));
  if (!carrier) return kind;
  const carried = bytesOf(bare).subarray(carrier.at, carrier.at + 4);
  return kindIn([...carried].join('.'), 'ipv4');
}

function kindIn(address: string, family: 'ipv4' | 'ipv6'): AddressKind {
  if (forbiddenRanges.check(address, family)) return 'forbidden';
  return privateRanges.check(address, family) ? 'private' : 'public';
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', prefix] = range.split('/');
    list.addSubnet(network, Number(prefix), network.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** The 16 bytes of an IPv6 address, whatever its spelling: the URL parser writes them in one way. */
function bytesOf(address: string): Uint8Array {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [left, right] = [groups(head), groups(tail ?? '')];
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  const all = tail === undefined ? left : [...left, ...zeros, ...right];
  return Uint8Array.from(
    all.flatMap((group) => {
      const value = Number.parseInt(group, 16);
      return [value >> 8, value & 0xff];
    }),
  );
}
