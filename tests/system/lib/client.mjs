// Headless participants for tests: starts them, reads their JSON lines, ends them. And media for
// them to send: a moving picture and a tone, encoded by Debian's vpxenc and opusenc under build/.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const build = path.resolve(root, process.env.BUILD ?? "build/release");
const program = path.join(build, "src/client/incamera-client");
const hostile = path.join(build, "tests/client/incamera-hostile");
export const worker = path.join(build, "src/worker/incamera-media");

/** What a server needs to carry media for participants on this computer. */
export const MEDIA = [`--media.program=${worker}`, "--media.addresses=127.0.0.1"];

export class Client {
  lines = [];
  complaints = "";
  #child;
  #watchers = [];

  /** `habit` makes it a hostile one. */
  constructor(args, habit) {
    const words = args.map(String);
    this.#child = habit ? spawn(hostile, [habit, ...words]) : spawn(program, words);
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
    this.exited = new Promise((resolve) => {
      this.#child.on("close", (code, signal) => resolve({ code, signal }));
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
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no such line; the last: ${JSON.stringify(this.lines.at(-1))} ${this.complaints}`)),
        ms,
      );
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

  get final() {
    return this.lines.find((line) => line.final);
  }
}

function y4m(width, height, frames) {
  const parts = [Buffer.from(`YUV4MPEG2 W${width} H${height} F30:1 Ip A1:1 C420jpeg\n`)];
  for (let frame = 0; frame < frames; frame++) {
    const luma = Buffer.alloc(width * height);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) luma[y * width + x] = (x + y + 8 * frame) & 255;
    parts.push(Buffer.from("FRAME\n"), luma, Buffer.alloc((width * height) / 2, 128));
  }
  return Buffer.concat(parts);
}

function wav(hertz, seconds) {
  const count = 48_000 * seconds;
  const bytes = Buffer.alloc(44 + 2 * count);
  bytes.write("RIFF");
  bytes.writeUInt32LE(36 + 2 * count, 4);
  bytes.write("WAVEfmt ", 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(48_000, 24);
  bytes.writeUInt32LE(96_000, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write("data", 36);
  bytes.writeUInt32LE(2 * count, 40);
  for (let i = 0; i < count; i++)
    bytes.writeInt16LE(Math.round(9000 * Math.sin((2 * Math.PI * hertz * i) / 48_000)), 44 + 2 * i);
  return bytes;
}

/** Two seconds of a moving picture, 640 x 360 at 30 frames a second, with a key frame each second. */
export function picture() {
  const folder = path.join(root, "build/media");
  const ivf = path.join(folder, "moving.ivf");
  if (existsSync(ivf)) return ivf;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "moving.y4m"), y4m(640, 360, 60));
  execFileSync("vpxenc", [
    "--quiet", "--codec=vp8", "--ivf", "--cpu-used=8", "--deadline=1", "--kf-max-dist=30",
    "--target-bitrate=400", "-o", ivf, path.join(folder, "moving.y4m"),
  ]);
  return ivf;
}

/** Two seconds of a sine of `hertz`. */
export function tone(hertz) {
  const folder = path.join(root, "build/media");
  const opus = path.join(folder, `${hertz}.opus`);
  if (existsSync(opus)) return opus;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${hertz}.wav`), wav(hertz, 2));
  execFileSync("opusenc", ["--quiet", "--bitrate", "32", path.join(folder, `${hertz}.wav`), opus]);
  return opus;
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
