import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as plainRequest,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as tlsRequest } from 'node:https';
import { isIP, type LookupFunction, Socket } from 'node:net';

/** Agents that connect to allowed addresses and to no others. */
export interface GuardedAgents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
}

/** As `dns.lookup` with `all`. Tests answer in its place. */
export type LookupAll = (
  hostname: string,
  options: LookupOptions & { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

const maxSockets = 50;

/**
 * Each connection is opened to an address that was judged just before, and that very
 * one: between the question and the connection no name is resolved again, so an answer
 * that changes (DNS rebinding) changes nothing. A name of which one address is refused
 * is refused as a whole.
 *
 * Node asks `lookup` for names only, so addresses in the place of a name are judged
 * apart.
 */
export function guardedAgents(
  isAllowed: (address: string) => boolean,
  lookupAll: LookupAll = systemLookup,
): GuardedAgents {
  const lookup = guardedLookup(isAllowed, lookupAll);
  const options = { keepAlive: true, maxSockets, lookup };
  return {
    httpAgent: guard(new HttpAgent(options), isAllowed),
    httpsAgent: guard(new HttpsAgent(options), isAllowed),
  };
}

/** Begins a request as its address says, with TLS or without. Without agents it is not guarded. */
export function requestBy(
  agents: GuardedAgents | undefined,
  url: URL,
  options: RequestOptions,
): ClientRequest {
  return url.protocol === 'https:'
    ? tlsRequest(url, { ...options, agent: agents?.httpsAgent })
    : plainRequest(url, { ...options, agent: agents?.httpAgent });
}

function guardedLookup(
  isAllowed: (address: string) => boolean,
  lookupAll: LookupAll,
): LookupFunction {
  return (hostname, options, callback) => {
    lookupAll(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const refused = addresses.length === 0 || addresses.some((each) => !isAllowed(each.address));
      if (refused) return callback(notAllowed(hostname), []);
      if (options.all) return callback(null, addresses);
      const [first] = addresses;
      return callback(null, first?.address ?? '', first?.family ?? 0);
    });
  };
}

type Connect = HttpAgent['createConnection'];

function guard<A extends HttpAgent | HttpsAgent>(
  agent: A,
  isAllowed: (address: string) => boolean,
): A {
  const connect: Connect = agent.createConnection.bind(agent);
  const guarded: Connect = (options, callback) => {
    const host = (options.host ?? 'localhost').replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !isAllowed(host)) return refusedSocket(host);
    const socket = connect(options, callback);
    // What is connected to counts, however it came about.
    socket?.once('connect', () => {
      const { remoteAddress } = socket as Socket;
      if (remoteAddress === undefined || !isAllowed(remoteAddress)) {
        socket.destroy(notAllowed(host));
      }
    });
    return socket;
  };
  agent.createConnection = guarded;
  return agent;
}

/** Fails as a connection does that could not be opened. */
function refusedSocket(host: string): Socket {
  return new Socket().destroy(notAllowed(host));
}

function notAllowed(host: string): Error {
  return Object.assign(new Error(`"${host}" leads to an address that may not be connected to`), {
    code: 'ENDPOINT_NOT_ALLOWED',
  });
}
