import { StorageClass, type WriteOptionsUpdate } from '@causeway/contract';
import { type Command, Option } from 'commander';
import { collectProperty, defined } from '../client-command.ts';

export interface WriteOptionFlags {
  readonly storageClass?: StorageClassFlag;
  readonly tag?: Readonly<Record<string, string>>;
  readonly acl?: 'bucket-owner-full-control' | 'none';
}

type StorageClassFlag = NonNullable<WriteOptionsUpdate['storageClass']> | 'none';

/** The flags that say how every object is written, but for the key, which managed buckets have too. */
export function addWriteOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--storage-class <class>', "of every object; none is the bucket's own").choices([
        ...StorageClass.options,
        'none',
      ]),
    )
    .option('--tag <key=value...>', 'put on every object; replaces all that were set', collectTag)
    .addOption(
      new Option('--acl <acl>', 'sent with every object, for buckets that demand it').choices([
        'bucket-owner-full-control',
        'none',
      ]),
    );
}

function collectTag(pair: string, all: Readonly<Record<string, string>> = {}) {
  return collectProperty(pair, all);
}

/** What the flags change; undefined for nothing. */
export function writeOptionsOf(
  flags: WriteOptionFlags & { readonly kmsKey?: string | undefined; readonly noTags?: boolean },
): WriteOptionsUpdate | undefined {
  const options = defined({
    kmsKeyArn: orNull(flags.kmsKey),
    storageClass: orNull(flags.storageClass),
    tags: flags.noTags ? {} : flags.tag,
    acl: orNull(flags.acl),
  });
  return Object.keys(options).length > 0 ? options : undefined;
}

function orNull<T extends string>(
  value: T | 'none' | undefined,
): Exclude<T, 'none'> | null | undefined {
  return value === 'none' ? null : (value as Exclude<T, 'none'> | undefined);
}
