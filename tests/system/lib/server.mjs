// Starts `incamera serve` for a test, on ports of the system's choice and a folder of its own, and
// ends it.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fakeWorker, server as program } from "../../lib/programs.mjs";
import { endWithTests } from "../../lib/running.mjs";

export { fakeWorker, program };

export const PAGE = "<!doctype html><title>page</title>";
export const SCRIPT = "x".repeat(300_000);

/** A folder with a client of two files, gone with the returned function. */
export function makeFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), "incamera-"));
  writeFileSync(path.join(folder, "index.html"), PAGE);
  writeFileSync(path.join(folder, "app.js"), SCRIPT);
  writeFileSync(path.join(folder, ".hidden.js"), "hidden");
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The program refuses a flag that is given twice: the last one counts here. */
export const once = (flags) => [...new Map(flags.map((flag) => [flag.split("=")[0], flag])).values()];

/** A running server. `log` holds every line of standard error that is JSON, parsed. */
export class Server {
  log = [];
  #watchers = [];
  #child;
  exited;

  static async start(folder, flags = []) {
    const server = new Server();
    server.folder = folder;
    server.#spawn(folder, flags);
    server.startAddress = await server.#firstLine();
    server.ready = await server.logged((line) => line.area === "serve" && line.event === "ready");
    server.port = server.ready.port;
    return server;
  }

  #spawn(folder, flags) {
    this.#child = spawn(
      program,
      [
        "serve",
        ...once([
          "--http.listen=127.0.0.1:0",
          `--web.root=${folder}`,
          `--store.path=${folder}/store/incamera.db`,
          "--media.port=0",
          "--media.workers=1",
          `--media.program=${fakeWorker}`,
          ...flags,
        ]),
      ],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    endWithTests(this.#child);
    this.exited = new Promise((resolve) => {
      this.#child.on("exit", (code, signal) => resolve({ code, signal }));
    });
    let rest = "";
    this.#child.stderr.on("data", (data) => {
      rest += data;
      const lines = rest.split("\n");
      rest = lines.pop();
      for (const line of lines) this.#note(line);
    });
  }

  #note(line) {
    if (process.env.SHOW_LOG) process.stderr.write(`${line}\n`);
    let parsed;
    try {
      parsed = JSON.parse(line);
    } catch {
      process.stderr.write(`${line}\n`); // a sanitizer's report, say
      return;
    }
    this.log.push(parsed);
    this.#watchers = this.#watchers.filter((watch) => !watch(parsed));
  }

  #firstLine() {
    return new Promise((resolve, reject) => {
      let text = "";
      this.#child.stdout.on("data", (data) => {
        text += data;
        if (text.includes("\n")) resolve(text.split("\n")[0]);
      });
      this.exited.then(() => reject(new Error("the server did not start")));
    });
  }

  /** The first log line, past or to come, that `wanted` accepts. */
  logged(wanted, ms = 10_000, from = 0) {
    const found = this.log.slice(from).find(wanted);
    if (found) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("no such log line")), ms);
      this.#watchers.push((line) => {
        if (!wanted(line)) return false;
        clearTimeout(timer);
        resolve(line);
        return true;
      });
    });
  }

  get pid() {
    return this.#child.pid;
  }

  get startToken() {
    return this.startAddress.split("#")[1];
  }

  /** One more, for another meeting. */
  newStartToken() {
    const printed = execFileSync(program, ["start-address", `--store.path=${this.folder}/store/incamera.db`]);
    return printed.toString().trim().split("#")[1];
  }

  /** Sends the signal and waits for the end; how it ended, and after how many milliseconds. */
  async stop(signal = "SIGTERM") {
    const from = performance.now();
    this.#child.kill(signal);
    const { code } = await this.exited;
    return { code, ms: performance.now() - from };
  }
}
