// Programs that a test started: one that fails leaves none of them behind to keep its file waiting.
const running = new Set();

if (process.env.NODE_TEST_CONTEXT !== undefined)
  (await import("node:test")).after(() => {
    for (const child of running) child.kill("SIGKILL");
  });

/** Ends with the tests of this file at the latest. */
export function endWithTests(child) {
  running.add(child);
  child.on("exit", () => running.delete(child));
}
