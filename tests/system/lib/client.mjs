// Headless participants for tests: starts them, reads their JSON lines, ends them. And media for
// them to send: a moving picture and a tone, encoded by Debian's vpxenc and opusenc under build/.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { accomplice, client as program, hostile, teller, worker } from "../../lib/programs.mjs";
import { kept, wav, y4m } from "../../lib/raw_media.mjs";
import { endWithTests } from "../../lib/running.mjs";

/** What a server needs to carry media for participants on this computer. */
export const MEDIA = [`--media.program=${worker}`, "--media.addresses=127.0.0.1"];

function programOf(habit) {
  if (habit === "accomplice") return [accomplice];
  if (habit === "teller") return [teller];
  return habit ? [hostile, habit] : [program];
}

export class Client {
  lines = [];
  complaints = "";
  #child;
  #watchers = [];

  /** `habit` makes it a hostile one, an accomplice of the server, or one that tells its secrets; `link` is what behindLink() gives. */
  constructor(args, habit, link) {
    const words = [...(link?.words ?? []), ...programOf(habit), ...args].map(String);
    this.#child = spawn(words[0], words.slice(1), { env: { ...process.env, ...link?.env } });
    endWithTests(this.#child);
    let rest = "";
    this.#child.stdout.on("data", (data) => {
      rest += data;
      const lines = rest.split("\n");
      rest = lines.pop();
      for (const line of lines) this.#note(JSON.parse(line));
    });
    this.#child.stderr.on("data", (data) => {
      this.complaints += data;
    });
    this.#child.stdin.on("error", () => {}); // it ended by itself
    this.exited = new Promise((resolve) => {
      this.#child.on("close", (code, signal) => {
        resolve({ code, signal });
      });
    });
  }

  #note(line) {
    this.lines.push(line);
    this.#watchers = this.#watchers.filter((watch) => !watch(line));
  }

  /** The first line, past or to come, that `wanted` accepts. */
  line(wanted, ms = 20_000) {
    const found = this.lines.find(wanted);
    if (found) return Promise.resolve(found);
    const late = new Error(); // made here, so that its stack names who waits
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        late.message = `no such line; the last: ${JSON.stringify(this.lines.at(-1))} ${this.complaints}`;
        reject(late);
      }, ms);
      this.#watchers.push((line) => {
        if (!wanted(line)) return false;
        clearTimeout(timer);
        resolve(line);
        return true;
      });
    });
  }

  /** Of a participant with --start: the link it made. */
  async link() {
    return (await this.line((line) => line.link)).link;
  }

  /** The sum of a counter over the lines so far. */
  sum(counter) {
    return this.lines.filter((line) => line.final === false).reduce((sum, line) => sum + line[counter], 0);
  }

  /** With --control: a line for its standard input. */
  say(line) {
    this.#child.stdin.write(`${line}\n`);
  }

  /** With --control: the first event of this name, past or to come, of those after the first `from` lines. */
  event(name, wanted = () => true, { from = 0, ms = 20_000 } = {}) {
    const after = this.lines.slice(0, from);
    return this.line((line) => line.event === name && wanted(line) && !after.includes(line), ms);
  }

  /** With --control: what came so far. */
  count() {
    const from = this.lines.length;
    this.say("count");
    return this.event("count", undefined, { from });
  }

  kill(signal = "SIGKILL") {
    this.#child.kill(signal);
  }

  /** Leaves the meeting; gives the line about all of it. */
  async leave() {
    this.#child.kill("SIGTERM");
    await this.exited;
    return this.final;
  }

  /** Waits until it ends by itself; gives the line about all of it. */
  async end() {
    await this.exited;
    return this.final;
  }

  get pid() {
    return this.#child.pid;
  }

  get final() {
    return this.lines.find((line) => line.final);
  }
}

let links = 0;

/** For a participant in a namespace of its own behind an emulated link, of which only UDP has to
 * suffer unless `options` say otherwise. The server is reached as SERVER_BEHIND_LINK. */
export function behindLink(profile, options = "--only-udp") {
  const env = { LINK: ++links, LINK_OPTIONS: options };
  return { words: [fileURLToPath(new URL("../../net/behind-link", import.meta.url)), profile], env };
}

/** The same on a computer that gets another address with each move(). */
export function onTheMove(profile) {
  const { words, env } = behindLink(profile);
  const folder = mkdtempSync(path.join(tmpdir(), "incamera-move-"));
  const fifo = path.join(folder, "moves");
  execFileSync("mkfifo", [fifo]);
  return {
    words: [...words, fileURLToPath(new URL("../../net/on-the-move", import.meta.url)), fifo],
    env,
    move: () => writeFileSync(fifo, "\n", { flag: "r+" }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The address of tests/net/in-namespace that is not loopback. */
export const SERVER_BEHIND_LINK = "10.77.0.1";

function* movingFrames(width, height, count) {
  for (let frame = 0; frame < count; frame++) {
    const luma = Buffer.alloc(width * height);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) luma[y * width + x] = (x + y + 8 * frame) & 255;
    yield [luma, Buffer.alloc((width * height) / 2, 128)];
  }
}

/** Two seconds of a moving picture, `rate` frames a second, with a key frame each second. */
export function picture(width = 640, height = 360, rate = 30) {
  const name = `moving-${width}x${height}-${rate}`;
  const raw = kept("media", `${name}.y4m`, (file) =>
    writeFileSync(file, y4m(width, height, movingFrames(width, height, 2 * rate), rate)),
  );
  return kept("media", `${name}.ivf`, (file) =>
    execFileSync("vpxenc", [
      "--quiet", "--codec=vp8", "--ivf", "--cpu-used=8", "--deadline=1", `--kf-max-dist=${rate}`,
      "--target-bitrate=400", "-o", file, raw,
    ]),
  );
}

/** Two seconds of a sine of `hertz`. */
export function tone(hertz) {
  const raw = kept("media", `${hertz}.wav`, (file) => writeFileSync(file, wav(hertz, 2, 9000)));
  return kept("media", `${hertz}.opus`, (file) => execFileSync("opusenc", ["--quiet", "--bitrate", "32", raw, file]));
}

/** The frames of an IVF file. */
export function framesOf(ivf) {
  const frames = [];
  for (let at = 32; at + 12 <= ivf.length; ) {
    const length = ivf.readUInt32LE(at);
    frames.push(ivf.subarray(at + 12, at + 12 + length));
    at += 12 + length;
  }
  return frames;
}
