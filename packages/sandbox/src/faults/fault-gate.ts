import { AwsError, DroppedReply } from '../http/aws-error.ts';
import { forgetHeaders } from '../http/incoming.ts';
import type { Reply } from '../http/reply.ts';
import type { Call, World } from '../world.ts';
import type { FaultEffect, InjectedError } from './fault.ts';
import type { Caught, FaultMoment } from './fault-plan.ts';

/** How one request meets the fault plan: at most once before it is read, and once right before it is executed. */
export interface FaultGate {
  /** Passed by a request that has been authorised, before its body is read. */
  readonly enter: () => Promise<void>;
  /**
   * Passed by a request that has been authorised and read whole, before it changes anything.
   *
   * @throws AwsError, ClientGone or {@link ErrorIn200} in place of executing it.
   */
  readonly pass: () => Promise<void>;
  /** Whether a request that has passed is to be executed twice. */
  readonly isDoubled: () => boolean;
  /** Executes a request that has passed: once, or twice when it is doubled, and then gives the second answer. */
  readonly execute: (run: () => Reply | Promise<Reply>) => Promise<Reply>;
  /** Does to the answer what the fault says. */
  readonly leave: (reply: Reply) => Promise<Reply>;
}

/** Asks for an answer of status 200 whose body is an error. */
export class ErrorIn200 extends Error {
  readonly code: string;

  constructor(code = 'InternalError') {
    super(messages[code] ?? 'Injected by a fault.');
    this.code = code;
  }
}

export function faultGate(
  call: Call,
  target: {
    readonly operation: string;
    readonly bucket: string | null;
    readonly key: string | null;
  },
  world: World,
): FaultGate {
  let caught: Caught | null = null;
  const meet = (moment: FaultMoment) => {
    const { record, clientGone } = call;
    const met = { ...target, principal: record.principal, clientGone };
    return world.faults.meet(moment, met, (faultId, effect) => {
      record.fault = faultId;
      record.faultEffect = effect.type;
    });
  };
  const isDoubled = () => caught?.effect?.type === 'duplicate';
  return {
    enter: async () => {
      const arriving = await meet('arriving');
      if (arriving?.effect?.type === 'ignore_headers') {
        forgetHeaders(call.incoming, arriving.effect.names);
      }
      // What has no body cannot be cut in it.
      if (contentLength(call) === 0) return;
      const cut = await meet('reading');
      if (cut) call.incoming.cutAfterBytes = cutOf(cut, contentLength(call));
    },
    pass: async () => {
      caught = await meet('executing');
      if (caught?.effect?.type === 'fail_before') throw injected(caught.effect);
      if (caught?.effect?.type === 'error_in_200') throw new ErrorIn200(caught.effect.code);
    },
    isDoubled,
    execute: async (run) => {
      if (isDoubled()) (await run()).release?.();
      return run();
    },
    leave: async (reply) => (caught?.effect ? spoil(reply, caught, caught.effect) : reply),
  };
}

/** @throws DroppedReply when its client went away: there is nobody left to answer. */
async function withheld(reply: Reply, { held }: Caught): Promise<void> {
  try {
    await held();
  } catch {
    reply.release?.();
    throw new DroppedReply();
  }
}

async function spoil(reply: Reply, caught: Caught, effect: FaultEffect): Promise<Reply> {
  if (effect.type === 'hold_reply') await withheld(reply, caught);
  if (effect.type === 'truncate_reply') {
    return { ...reply, cutAfterBytes: cutOf(caught, bodyBytes(reply)) };
  }
  if (effect.type !== 'drop_reply' && effect.type !== 'fail_after') return reply;
  reply.release?.();
  throw effect.type === 'drop_reply' ? new DroppedReply() : injected(effect);
}

/** Where to cut: always before the end, since a body that came whole was not cut. */
function cutOf({ effect, fraction }: Caught, bytes: number): number {
  const wanted = effect && 'afterBytes' in effect ? effect.afterBytes : undefined;
  return Math.min(wanted ?? Math.floor(fraction * bytes), Math.max(bytes - 1, 0));
}

function contentLength({ incoming }: Call): number {
  return Number(incoming.headers.get('content-length') ?? 0);
}

function bodyBytes({ body, headers }: Reply): number {
  if (typeof body === 'string') return Buffer.byteLength(body);
  return body === undefined ? 0 : Number(headers?.['content-length'] ?? 0);
}

function injected({ status, code, message = messages[code] }: InjectedError): AwsError {
  return new AwsError(status, code, message ?? 'Injected by a fault.');
}

const messages: Readonly<Record<string, string>> = {
  SlowDown: 'Please reduce your request rate.',
  PreconditionFailed: 'At least one of the pre-conditions you specified did not hold',
  InternalError: 'We encountered an internal error. Please try again.',
  ServiceUnavailable: 'Service is unable to handle request.',
  Throttling: 'Rate exceeded',
  RequestTimeout:
    'Your socket connection to the server was not read from or written to within the timeout period.',
};
