// The real server with the real client and worker, for a test with browsers.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, worker } from "../../lib/programs.mjs";
import { Server } from "../../system/lib/server.mjs";

export { root };

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** A server with its own store. `origin` is what browsers open; `startAddress` makes one meeting. */
export async function startServer({ port, dir, flags = [] }) {
  const data = dir ?? mkdtempSync(join(tmpdir(), "incamera-test-"));
  const server = await Server.start(data, [
    `--http.listen=127.0.0.1:${port}`,
    `--web.root=${join(root, "build/web")}`,
    `--media.program=${worker}`,
    ...flags,
  ]);
  return {
    data,
    pid: server.pid,
    startAddress: server.startAddress,
    origin: new URL(server.startAddress).origin,
    stop: (signal) => server.stop(signal),
    async end() {
      await server.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
