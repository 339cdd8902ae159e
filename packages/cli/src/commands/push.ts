import { recordsTypes } from '@causeway/contract';
import {
  type ClientOptions,
  clientCommand,
  clientFor,
  examples,
  print,
} from '../client-command.ts';
import { readInputFile } from '../read-input.ts';

interface PushOptions extends ClientOptions {
  readonly idempotencyKey?: string;
}

/** `causeway push`. */
export function pushCommand() {
  return clientCommand('push', 'push records to a dataset; once it says so they are on disk')
    .argument('<dataset>', 'its id; its source has the type "push"')
    .argument('<file>', 'an array of JSON, or an object in each line; - for standard input')
    .option('--idempotency-key <key>', 'keeps the records once, however often this is repeated')
    .addHelpText(
      'after',
      examples(
        'causeway push ds_... insights.jsonl',
        'causeway push ds_... - --idempotency-key export-2026-01-31 < insights.json',
      ),
    )
    .action(async (id: string, file: string, options: PushOptions) => {
      const bytes = await readInputFile(file);
      const type = recordsTypes[isArray(bytes) ? 0 : 1];
      const body = new File([bytes], 'records', { type });
      const { idempotencyKey } = options;
      const context = idempotencyKey === undefined ? {} : { idempotencyKey };
      const accepted = await clientFor(options).datasets.push(
        { params: { id }, body },
        { context },
      );
      print(
        options,
        accepted,
        ({ accepted: count, position }) =>
          `${count} ${count === 1 ? 'record' : 'records'} kept, from position ${position} on`,
      );
    });
}

/** A record is an object, so only an array begins with a bracket. */
function isArray(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => ![0x20, 0x09, 0x0a, 0x0d].includes(byte));
  return first === 0x5b;
}
