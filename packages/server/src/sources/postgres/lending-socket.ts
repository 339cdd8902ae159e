import { Socket } from 'node:net';

/** What one read may take. */
const readBytes = 128 * 1024;

/**
 * A socket whose reads all go to one piece of memory. New memory for every read makes the
 * garbage collector take nearly half of the processor time that a table takes to pass through.
 */
export class LendingSocket extends Socket {
  /** Chunks are valid only while their event is handled; before this is set each is a copy. */
  lends = false;

  constructor() {
    const memory = Buffer.allocUnsafeSlow(readBytes);
    const receive = (length: number) => {
      const chunk = memory.subarray(0, length);
      this.emit('data', this.lends ? chunk : Buffer.from(chunk));
      return !this.isPaused();
    };
    super({ onread: { buffer: memory, callback: receive } });
  }
}
