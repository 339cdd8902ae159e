import { isServed } from '../calls.ts';
import { readFaults } from '../faults/fault.ts';
import type { Incoming } from '../http/incoming.ts';
import type { Reply } from '../http/reply.ts';
import type { World } from '../world.ts';
import { failure, json, readJson } from './control-reply.ts';
import { handleClock } from './handle-clock.ts';
import { handleIamDelay } from './handle-iam-delay.ts';
import { overviewPage } from './overview-page.ts';

export const controlPath = '/_sandbox';

/**
 * Answers the control plane: faults, the clock, the history of requests, and a
 * page about all. It is unsigned, so it hears this machine only, and no page of a browser
 * that was loaded from elsewhere.
 */
export async function handleControl(incoming: Incoming, world: World): Promise<Reply> {
  if (!isLocal(incoming)) {
    return failure(403, 'The control plane is for this machine only', 'Call it on 127.0.0.1');
  }
  const path = incoming.rawPath.slice(controlPath.length).replace(/\/$/, '');
  if (path === '' && incoming.method === 'GET') return overviewPage(incoming, world);
  if (path === '/requests' && incoming.method === 'GET') return lastRequests(incoming, world);
  if (path === '/clock') return handleClock(incoming, world.clock);
  if (path === '/iam-delay') return handleIamDelay(incoming, world.iam);
  if (path === '/faults') return faults(incoming, world);
  const [, faultId] = /^\/faults\/([\w-]+)$/.exec(path) ?? [];
  if (faultId !== undefined && incoming.method === 'DELETE') {
    if (world.faults.delete(faultId)) return { status: 204 };
    return failure(
      404,
      `There is no fault "${faultId}"`,
      'GET /_sandbox/faults lists those in force',
    );
  }
  return failure(
    404,
    `There is no ${incoming.method} ${incoming.rawPath}`,
    'Use /_sandbox, /_sandbox/requests?last=n, /_sandbox/clock, /_sandbox/iam-delay, /_sandbox/faults or /_sandbox/faults/<id>',
  );
}

function isLocal({ remoteAddress, hostName, headers, scheme }: Incoming): boolean {
  const origin = headers.get('origin');
  return (
    /^(127\.|::1$)/.test(remoteAddress) &&
    // Another name for this machine is what a rebinding attack would use.
    /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(hostName) &&
    (origin === undefined || origin === `${scheme}://${headers.get('host')}`)
  );
}

async function faults(incoming: Incoming, world: World): Promise<Reply> {
  switch (incoming.method) {
    case 'GET':
      return json(200, { faults: world.faults.list() });
    case 'DELETE':
      world.faults.deleteAll();
      return { status: 204 };
    case 'POST': {
      const read = readFaults(await readJson(incoming));
      if ('findings' in read) {
        const hint = 'Send {"operation": "CompleteMultipartUpload", "effect": {"type": "hold"}}';
        return failure(400, `Cannot add the fault: ${read.findings.join('; ')}`, hint);
      }
      const { seed, rules } = read;
      const unknown = rules.find(({ operation }) => operation !== '*' && !isServed(operation));
      if (unknown) {
        return failure(
          400,
          `Cannot add the fault: the sandbox has no call "${unknown.operation}", so the fault would never catch one`,
          'Write its name as AWS does, such as "PutObject"; docs/sandbox-calls.md lists all',
        );
      }
      const ids = rules.map((rule, i) => world.faults.add({ ...rule, seed }, i));
      return json(201, { id: ids[0], ids });
    }
    default:
      return failure(405, `${incoming.method} does not work on faults`, 'Use GET, POST or DELETE');
  }
}

function lastRequests(incoming: Incoming, world: World): Reply {
  const last = incoming.query.get('last') ?? '100';
  if (!/^[1-9]\d{0,5}$/.test(last)) {
    return failure(400, `"last" is "${last}", not a whole number from 1`, 'Send ?last=100');
  }
  return json(200, { requests: world.history.last(Number(last)) });
}
