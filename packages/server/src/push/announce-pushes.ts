const quietMs = 1_000;

/**
 * Tells of datasets that were pushed to: at once, and of those pushed to again meanwhile once
 * more after a second, so that many pushes cost little. What cannot be told is found by those who
 * look from time to time.
 */
export function announcePushes(
  announce: (datasetId: string) => Promise<void>,
): (datasetId: string) => void {
  /** Datasets told of within the last second, and whether they were pushed to since. */
  const told = new Map<string, boolean>();
  const tell = (datasetId: string) => {
    told.set(datasetId, false);
    announce(datasetId).catch(() => {});
    setTimeout(() => {
      const again = told.get(datasetId);
      told.delete(datasetId);
      if (again) tell(datasetId);
    }, quietMs).unref();
  };
  return (datasetId) => {
    if (told.has(datasetId)) told.set(datasetId, true);
    else tell(datasetId);
  };
}
