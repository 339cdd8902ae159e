/**
 * Resolves when the process is asked to stop: by SIGINT or SIGTERM, or, if it was
 * forked, because its parent is gone. A second signal ends it at once.
 *
 * Call it before anything else is started, so that a stop in between is not lost.
 */
export function untilStopped(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = () => {
    // An open channel to the parent would keep the process alive.
    if (process.connected) process.disconnect();
    resolve();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      process.once(signal, () => process.exit(130));
      stop();
    });
  }
  // Undefined when nobody forked this process; false when the parent is gone already.
  if (process.connected) process.once('disconnect', resolve);
  else if (process.connected === false) resolve();
  // The listener alone must not keep a process alive that failed to start.
  process.channel?.unref();
  return promise;
}

/** Tells the parent, if this process was forked and the parent is still there. */
export function tellParent(message: object): void {
  if (process.connected) process.send?.(message);
}
