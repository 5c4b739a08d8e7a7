// Starts the real server for a test, on a port of its own, and stops it by its pid.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const root = resolve(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "../../..");
export const program = (name) =>
  join(process.env.INCAMERA_BUILD ?? join(root, "build/release"), {
    incamera: "src/server/incamera",
    "incamera-media": "src/worker/incamera-media",
    "incamera-client": "src/client/incamera-client",
  }[name]);

/** Waits until `lines` has one that `pattern` matches, and gives the match. */
export async function line(lines, pattern, ms = 10000) {
  const end = Date.now() + ms;
  for (;;) {
    const found = lines.map((l) => l.match(pattern)).find(Boolean);
    if (found) return found;
    if (Date.now() > end) throw new Error(`no line like ${pattern} in:\n${lines.join("\n")}`);
    await sleep(20);
  }
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

function collect(stream, lines) {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop();
    lines.push(...parts);
  });
}

export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  const out = [];
  const err = [];
  collect(child.stdout, out);
  collect(child.stderr, err);
  const exited = new Promise((done) => child.on("exit", (code, signal) => done({ code, signal })));
  return {
    child,
    out,
    err,
    exited,
    async stop(signal = "SIGTERM", ms = 3000) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const timer = setTimeout(() => child.kill("SIGKILL"), ms);
      const how = await exited;
      clearTimeout(timer);
      return how;
    },
  };
}

/** A server with its own store. `origin` is what browsers open; `startAddress` makes one meeting. */
export async function startServer({ port, dir, flags = [] }) {
  const data = dir ?? mkdtempSync(join(tmpdir(), "incamera-test-"));
  const run = start(program("incamera"), [
    "serve",
    `--http.listen=127.0.0.1:${port}`,
    `--store.path=${join(data, "incamera.db")}`,
    `--web.root=${join(root, "build/web")}`,
    "--media.workers=1",
    ...flags,
  ]);
  const startAddress = (await line(run.out, /(https?:\/\/\S+\/start#\S+)/))[1];
  return {
    ...run,
    data,
    startAddress,
    origin: new URL(startAddress).origin,
    async end() {
      await run.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
