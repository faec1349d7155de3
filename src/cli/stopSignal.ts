/** Resolves at the first SIGINT, SIGTERM or SIGHUP; a second one ends the process as if nobody listened. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(name, () => {
        resolve();
      });
    }
  });
}
