import { isIP } from 'node:net';
import { CausewayError } from '@causeway/contract';
import {
  addressKind,
  endpointRules,
  type GuardedAgents,
  guardedAgents,
} from '@causeway/objectstore';

/** Where webhooks may go: to the internet by https, and to hosts that the operator has listed. */
export interface WebhookAddresses {
  /**
   * The address in the one spelling that is stored.
   *
   * @throws CausewayError `webhook_url_not_allowed`.
   */
  accept(url: string): string;
  /**
   * How connections to it are opened: to allowed addresses alone, whatever its name leads to by then.
   *
   * @throws CausewayError `webhook_url_not_allowed` when its host is not on the list any more.
   */
  agents(url: string): GuardedAgents;
  /** Ends connections that are kept open. */
  close(): void;
}

/** @param privateHosts As `endpointRules` reads them. */
export function webhookAddresses(privateHosts: readonly string[]): WebhookAddresses {
  const rules = endpointRules(privateHosts);
  const isListed = (origin: string) => {
    try {
      rules.accept(origin);
      return true;
    } catch {
      return false;
    }
  };
  const open = new Map<string, GuardedAgents>();
  const find = (text: string) => {
    const url = parse(text);
    const listed = isListed(url.origin);
    if (!listed) requirePublic(url);
    return { url, listed };
  };
  return {
    accept: (url) => find(url).url.href,
    agents(text) {
      const { url, listed } = find(text);
      const key = listed ? url.origin : 'internet';
      const agents = open.get(key) ?? (listed ? rules.agents(url.origin) : guardedAgents(isPublic));
      open.set(key, agents);
      return agents;
    },
    close() {
      for (const { httpAgent, httpsAgent } of open.values()) {
        httpAgent.destroy();
        httpsAgent.destroy();
      }
    },
  };
}

const isPublic = (address: string) => addressKind(address) === 'public';

function parse(text: string): URL {
  // The URL parser takes these out of the middle of a text, and white space from its ends.
  if (/[\s\p{Cc}\\]/u.test(text)) throw refused(text, 'it has spaces or control characters');
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) throw refused(text, 'it is no web address');
  if (url.username !== '' || url.password !== '') {
    url.username = '';
    url.password = '';
    throw refused(url.href, 'it has a user or password');
  }
  if (url.hash !== '' || text.endsWith('#')) throw refused(text, 'it has a fragment');
  if (url.hostname.endsWith('.')) throw refused(text, 'its host ends in a dot');
  return url;
}

function requirePublic(url: URL): void {
  if (url.protocol !== 'https:') throw refused(url.href, 'it must be https');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) {
    if (!isPublic(host)) throw refused(url.href, 'its address is not one of the internet');
  } else if (!host.includes('.') || /\.(local|localhost|internal)$/.test(host)) {
    throw refused(url.href, 'its host is not one of the internet');
  }
}

/** Its query may hold a secret of the receiver's: it is not repeated. */
function refused(text: string, reason: string): CausewayError<'webhook_url_not_allowed'> {
  const url = text.replace(/[?#].*$/s, '');
  return new CausewayError('webhook_url_not_allowed', { url, reason });
}
