import { isIP } from 'node:net';
import { CausewayError } from '@causeway/contract';
import { addressKind } from './address-kind.ts';
import { type GuardedAgents, guardedAgents } from './guarded-agents.ts';

/** Which endpoints of S3-compatible stores may be spoken to, as the operator has listed them. */
export interface EndpointRules {
  /**
   * The origin of an endpoint, in the one spelling that is stored and compared.
   *
   * @throws CausewayError `endpoint_not_allowed`.
   */
  accept(endpoint: string): string;
  /**
   * How connections to an endpoint are opened: to allowed addresses alone, each time anew.
   *
   * @throws CausewayError `endpoint_not_allowed` when it is not on the list any more.
   */
  agents(endpoint: string): GuardedAgents;
}

/** One entry of the list. */
interface Entry {
  readonly protocol: 'http:' | 'https:';
  /** As the URL parser writes it; for a suffix without the star, such as `.example.com`. */
  readonly host: string;
  readonly port: string;
}

const entryShape =
  /^(?:(https?):\/\/)?(\*\.)?([^/\s:@*[\]]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?$/;

/**
 * Reads the operator's list: hosts with an optional port, `*.` before a suffix, such as
 * `minio.example.com:9000` or `*.r2.cloudflarestorage.com`. TLS is demanded but of
 * `http://` entries, which must name this machine.
 *
 * @throws Error that says what is wrong with which entry.
 */
export function endpointRules(list: readonly string[]): EndpointRules {
  const entries = list.map(readEntry);
  const find = (endpoint: string) => {
    const { url, reason } = parse(endpoint);
    if (!url) throw refused(endpoint, reason);
    const listed = entries.filter((entry) => matches(entry, url));
    // Listed by that very name: an entry for a whole domain does not open a private network.
    const isNamed = listed.some(({ host }) => !host.startsWith('.'));
    if (listed.length === 0) throw refused(url.origin, 'it is not in CAUSEWAY_ALLOWED_ENDPOINTS');
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(literal) !== 0 && !isAllowed(literal, isNamed)) {
      throw refused(url.origin, 'its address is not one of the internet');
    }
    return { url, isNamed };
  };
  return {
    accept: (endpoint) => find(endpoint).url.origin,
    agents(endpoint) {
      const { isNamed } = find(endpoint);
      return guardedAgents((address) => isAllowed(address, isNamed));
    },
  };
}

function isAllowed(address: string, isNamed: boolean): boolean {
  const kind = addressKind(address);
  return kind === 'public' || (kind === 'private' && isNamed);
}

function readEntry(text: string): Entry {
  const [, scheme = 'https', star, host = '', port = ''] = entryShape.exec(text) ?? [];
  const protocol = `${scheme}:` as Entry['protocol'];
  const url = URL.parse(`${protocol}//${host}${port === '' ? '' : `:${port}`}`);
  if (host === '' || url === null) {
    throw new Error(
      `"${text}" must be a host with an optional port, such as "s3.example.com:9000"`,
    );
  }
  if (star !== undefined && (isIP(url.hostname) !== 0 || !url.hostname.includes('.'))) {
    throw new Error(`"${text}" must name a domain of two parts or more after "*."`);
  }
  if (protocol === 'http:' && (star !== undefined || !isThisMachine(url.hostname))) {
    throw new Error(`"${text}" must be https: without TLS only this machine may be spoken to`);
  }
  return { protocol, host: star === undefined ? url.hostname : `.${url.hostname}`, port: url.port };
}

function isThisMachine(host: string): boolean {
  return /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/.test(host);
}

/**
 * WHATWG parsing brings every spelling of an address into one: decimal, hexadecimal and
 * octal numbers, circled digits, dots of other scripts. What is compared is what is
 * connected to.
 */
function parse(endpoint: string): { readonly url?: URL; readonly reason: string } {
  // The URL parser takes these out of the middle of a text, and white space from its ends.
  if (/[\s\p{Cc}\\]/u.test(endpoint)) return { reason: 'it has spaces or control characters' };
  const url = URL.parse(endpoint);
  if (!url || !/^https?:$/.test(url.protocol)) return { reason: 'it is no web address' };
  if (url.username !== '' || url.password !== '') return { reason: 'it has a user or password' };
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || /[?#]$/.test(endpoint)) {
    return { reason: 'it has more than a host and a port' };
  }
  if (url.hostname.endsWith('.')) return { reason: 'its host ends in a dot' };
  return { url, reason: '' };
}

function matches(entry: Entry, url: URL): boolean {
  if (entry.protocol !== url.protocol || entry.port !== url.port) return false;
  return entry.host.startsWith('.')
    ? url.hostname.endsWith(entry.host)
    : url.hostname === entry.host;
}

function refused(endpoint: string, reason: string): CausewayError {
  return new CausewayError('endpoint_not_allowed', { endpoint: endpoint.slice(0, 200), reason });
}
