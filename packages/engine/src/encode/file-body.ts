import { type FileChannel, openFileChannel } from './file-channel.ts';

/** One file being written: plain bytes in, the file's bytes out at `channel`. */
export interface FileBody {
  readonly channel: FileChannel;
  /** Resolves when the memory of `plain` may be used again but for what the reader has in hand. */
  write(plain: Uint8Array): Promise<void>;
  /** What the file has come to, as far as it is known: all of it once it has ended. */
  bytes(): number;
  end(): Promise<void>;
}

/** A file of the bytes as they are. */
export function plainBody(): FileBody {
  const channel = openFileChannel();
  let bytes = 0;
  return {
    channel,
    write(plain) {
      bytes += plain.length;
      return channel.write(plain);
    },
    bytes: () => bytes,
    end: channel.end,
  };
}
