/**
 * Resolves when the process is asked to stop: by SIGINT or SIGTERM, or, if it was
 * forked, because its parent is gone. A second signal ends it at once.
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
  if (process.connected) process.once('disconnect', resolve);
  return promise;
}
