import { AwsError } from '../http/aws-error.ts';
import type { Reply } from '../http/reply.ts';
import type { Call, World } from '../world.ts';
import type { Caught } from './fault-plan.ts';

/** How one request meets the fault plan: at most once, right before it is executed. */
export interface FaultGate {
  /**
   * Passed by a request that has been authorised and read whole, before it changes anything.
   *
   * @throws AwsError, ClientGone or {@link ErrorIn200} in place of executing it.
   */
  readonly pass: () => Promise<void>;
  /** Does to the answer what the fault says. */
  readonly leave: (reply: Reply) => Reply;
}

/** Asks for an answer of status 200 whose body is an error. */
export class ErrorIn200 extends Error {}

/** Asks for the connection to be cut in place of an answer. */
export class DroppedReply extends Error {}

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
  return {
    pass: async () => {
      caught = await world.faults.meet({ ...target, clientGone: call.clientGone }, (faultId) => {
        call.record.fault = faultId;
      });
      if (caught?.effect?.type === 'fail_before') throw injected(caught.effect);
      if (caught?.effect?.type === 'error_in_200') throw new ErrorIn200();
    },
    leave: (reply) => {
      const effect = caught?.effect;
      if (effect?.type !== 'fail_after' && effect?.type !== 'drop_reply') return reply;
      reply.release?.();
      throw effect.type === 'drop_reply' ? new DroppedReply() : injected(effect);
    },
  };
}

function injected(effect: { readonly status: number; readonly code: string }): AwsError {
  return new AwsError(effect.status, effect.code, messages[effect.code] ?? 'Injected by a fault.');
}

const messages: Readonly<Record<string, string>> = {
  SlowDown: 'Please reduce your request rate.',
  InternalError: 'We encountered an internal error. Please try again.',
  ServiceUnavailable: 'Service is unable to handle request.',
  RequestTimeout:
    'Your socket connection to the server was not read from or written to within the timeout period.',
};
