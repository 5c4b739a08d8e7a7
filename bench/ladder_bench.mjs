// What a receiver on a bad path still hears and sees: one sender of three real layers and sound on a clean
// path, and behind the emulator (seeded) a headless receiver and a browser, each with a link of its own:
//
//   incamera-client ---- server, worker ---- link-emulator ---- incamera-client
//      10.77.0.1                        \--- link-emulator ---- Chromium or Firefox
//
// Voice that is whole: of the headless client, frames that came and opened; of a browser, samples that
// were not made up. A freeze is a picture over 200 ms after the one before: shown, where the browser tells of
// what it shows (headless Firefox does not of all), else decoded.
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { browserOn, firefoxOn, trusting } from "../tests/browser/lib/computer.mjs";
import { joinByLink } from "../tests/browser/lib/meeting.mjs";
import { chromium, firefox } from "../tests/browser/lib/people.mjs";
import { sleep, startServer } from "../tests/browser/lib/server.mjs";
import { kept, y4m } from "../tests/lib/raw_media.mjs";
import { behindLink, Client, SERVER_BEHIND_LINK } from "../tests/system/lib/client.mjs";
import { program } from "../tests/system/lib/server.mjs";
import { help } from "./help.mjs";

const PORT = 18171;
const FIREFOX_PORT = 18172;
const origin = `http://${SERVER_BEHIND_LINK}:${PORT}`;
const SETTLE_S = 15;
const WATCH_S = Number(process.env.SECONDS ?? 60);
const ONE_WAY_MS = 50;
const [SLUMP_S, OVER_S, END_S] = [30, 60, 90]; // of the profile "slump"
const LADDER = [
  { profile: "rtt-100", whole: 100, freezes: 0 }, // the control: what this machine does by itself
  { profile: "ladder-1", whole: 99.9, freezes: 0 },
  { profile: "ladder-5", whole: 99.5, freezes: 1 },
  { profile: "ladder-10", whole: 98, freezes: 3 },
  { profile: "ladder-20", whole: 93, freezes: 8 },
];
const FLAT = ["narrow-down", "bufferbloat"];
const LAYERS = [[160, 90, 60], [320, 180, 350], [640, 360, 1300]];

/** A picture that moves, with so much noise that it needs its bit rate. */
function layer([width, height, kbps]) {
  let seed = 1;
  const noise = () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) >>> 27;
  const frames = Array.from({ length: 60 }, (_, n) => {
    const luma = Buffer.alloc(width * height);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) luma[y * width + x] = ((x + y + 8 * n) & 127) + noise();
    return [luma, Buffer.alloc((width * height) / 2, 128)];
  });
  const name = `noisy-${width}x${height}-${kbps}`;
  const raw = kept("media", `${name}.y4m`, (file) => writeFileSync(file, y4m(width, height, frames, 30)));
  const encode = (file) =>
    execFileSync("vpxenc", [
      ..."--quiet --codec=vp8 --ivf --cpu-used=8 --deadline=1 --kf-max-dist=30 --end-usage=cbr".split(" "),
      ..."--buf-sz=500 --buf-initial-sz=300 --buf-optimal-sz=400 --max-intra-rate=400".split(" "),
      `--target-bitrate=${kbps}`, "-o", file, raw,
    ]);
  return kept("media", `${name}.ivf`, encode);
}

/** Runs in the page: from now on, when pictures were shown and which size they had. */
function watchShown() {
  const seen = { shown: [], sizes: [] };
  window.ladderOfTest = seen;
  const video = document.querySelector("[data-person]:not([data-self=true]) video");
  const onFrame = (now, { width, height }) => {
    seen.shown.push(performance.timeOrigin + now);
    if (seen.sizes.at(-1)?.size !== `${width}x${height}`)
      seen.sizes.push({ at: performance.timeOrigin + now, size: `${width}x${height}` });
    video.requestVideoFrameCallback(onFrame);
  };
  video.requestVideoFrameCallback(onFrame);
}

/** The same of pictures that were decoded, looked at every 15 ms: of what it shows, headless Firefox tells too little. */
function watchDecoded() {
  const seen = { shown: [], sizes: [] };
  window.ladderOfTest = seen;
  let decoded = 0;
  const look = async () => {
    const reports = [...(await window.seenByTest.connections.at(-1).getStats()).values()];
    const pictures = reports.filter(({ type, kind, framesDecoded }) => type === "inbound-rtp" && kind === "video" && framesDecoded > 0);
    const frames = pictures.reduce((sum, { framesDecoded }) => sum + framesDecoded, 0);
    const at = performance.timeOrigin + performance.now();
    if (frames > decoded) seen.shown.push(at);
    decoded = frames;
    const size = pictures.map(({ frameWidth, frameHeight }) => `${frameWidth}x${frameHeight}`).join();
    if (seen.sizes.at(-1)?.size !== size) seen.sizes.push({ at, size });
    setTimeout(look, 15);
  };
  look();
}

const ENGINES = {
  chromium: {
    name: "Chromium",
    watch: watchShown,
    open: (link) => chromium({ name: "Cy", browser: browserOn(link), args: trusting(origin) }),
  },
  firefox: {
    name: "Firefox",
    watch: watchDecoded,
    open: (link) =>
      firefox({ name: "Fox", browser: firefoxOn(link, FIREFOX_PORT), trusted: SERVER_BEHIND_LINK, debuggingPort: FIREFOX_PORT }),
  },
};
const engines = (process.env.BROWSER ?? "chromium").split(",").map((name) => ENGINES[name]);

/** Runs in the page: what was counted so far. */
async function count() {
  const sums = { at: Date.now(), concealed: 0, samples: 0, bytes: 0 };
  for (const report of (await window.seenByTest.connections.at(-1).getStats()).values()) {
    if (report.type !== "inbound-rtp") continue;
    sums.bytes += report.bytesReceived;
    if (report.kind !== "audio" || report.packetsReceived === 0) continue;
    sums.concealed += report.concealedSamples;
    sums.samples += report.totalSamplesReceived;
  }
  return { ...sums, ...window.ladderOfTest };
}

const within = (from, to) => (at) => at >= from && at < to;
const longest = (times) => Math.max(0, ...times.slice(1).map((at, i) => at - times[i]));

/** A headless receiver. Seconds are those of its life, nearly those of its link. */
class Headless {
  name = "headless";
  constructor(link, profile) {
    this.client = new Client([link, "--name", "Bo", "--show", 1], undefined, behindLink(profile));
  }
  until(seconds) {
    return this.client.line((l) => l.final === false && l.seconds >= seconds, 1000 * seconds + 60_000);
  }
  /** Each tells of the second before it, and comes somewhat late. */
  lines(from, to) {
    const began = (line) => line.seconds - 0.95;
    return this.client.lines.filter((l) => l.final === false && began(l) >= from && began(l) < to);
  }
  look(from, to) {
    const lines = this.lines(from, to);
    const sum = (what) => lines.reduce((all, line) => all + line[what], 0);
    const seconds = to - from;
    return {
      whole: Math.min(100, (100 * sum("audio_in")) / (50 * lines.length)),
      freezes: (60 * sum("freezes")) / seconds,
      longest: Math.max(...lines.map((l) => l.video_gap_ms)),
      switches: (60 * sum("switches")) / seconds,
      kbps: (8 * sum("bytes_in")) / 1000 / lines.length,
      gap: Math.max(...lines.map((l) => l.audio_gap_ms)),
      // Of packets of voice alone: they have stamps and the clips have none, and neither a repair nor a copy counts.
      queue: Math.max(...lines.map((l) => l.latency_p99_ms)) - ONE_WAY_MS,
    };
  }
  /** Seconds from `from` to the end of the last second in which the size changed. */
  settled(from, to) {
    return (this.lines(from, to).findLast((l) => l.switches > 0)?.seconds ?? from) - from;
  }
  async leave() {
    await this.client.leave();
  }
}

class Browser {
  #counts = [];
  constructor({ name, watch, open }, link, profile) {
    this.name = name;
    this.started = Date.now();
    this.ready = this.#enter(open, watch, link, profile);
  }
  async #enter(open, watch, link, profile) {
    this.person = await open(behindLink(profile));
    await joinByLink(this.person, link, this.person.name);
    await this.person.until(() => document.querySelector("[data-person]:not([data-self=true]) video")?.videoWidth > 0, null, 30_000, "a picture");
    await this.person.evaluate(watch);
    this.#counts.push(await this.person.evaluate(count));
  }
  async until(seconds) {
    await this.ready;
    while (Date.now() < this.started + 1000 * seconds) {
      await sleep(Math.min(1000, Math.max(0, this.started + 1000 * seconds - Date.now())));
      this.#counts.push(await this.person.evaluate(count));
    }
  }
  /** Counts of the whole seconds next to these two. */
  #between(from, to) {
    const near = (second) => {
      const far = ({ at }) => Math.abs(at - this.started - 1000 * second);
      return this.#counts.reduce((best, one) => (far(one) < far(best) ? one : best));
    };
    return [near(from), near(to)];
  }
  look(from, to) {
    const [a, b] = this.#between(from, to);
    const { shown, sizes } = this.#counts.at(-1);
    const here = shown.filter(within(a.at, b.at));
    const seconds = (b.at - a.at) / 1000;
    const freezes = here.slice(1).filter((at, i) => at - here[i] > 200).length;
    return {
      whole: 100 - (100 * (b.concealed - a.concealed)) / Math.max(1, b.samples - a.samples),
      freezes: (60 * freezes) / seconds,
      longest: longest(here),
      switches: (60 * sizes.filter(({ at }) => within(a.at, b.at)(at)).length) / seconds,
      kbps: (8 * (b.bytes - a.bytes)) / 1000 / seconds,
      gap: (b.concealed - a.concealed) / 48,
    };
  }
  settled(from, to) {
    const { sizes } = this.#counts.at(-1);
    const [begin, end] = [from, to].map((second) => this.started + 1000 * second);
    return Math.max(0, ((sizes.findLast(({ at }) => within(begin, end)(at))?.at ?? begin) - begin) / 1000);
  }
  async leave() {
    await this.person.close();
  }
}

/** All receivers behind this profile for so long, then what `tell` prints of each. */
async function measure(link, profile, seconds, tell) {
  const receivers = [...engines.map((engine) => new Browser(engine, link, profile)), new Headless(link, profile)];
  await Promise.all(receivers.map((one) => one.until(seconds)));
  for (const one of receivers) tell(one);
  await Promise.all(receivers.map((one) => one.leave()));
}

function row(label, name, cells) {
  const shown = cells.map(([value, digits, aim]) => `${value.toFixed(digits).padStart(9)} (${aim})`.padEnd(22));
  console.log(`${label.padEnd(13)}${name.padEnd(10)}${shown.join("")}`);
}

async function ladder(link) {
  console.log(`\nLoss at ${2 * ONE_WAY_MS} ms round trip, ${WATCH_S} s each; in brackets the aim`);
  console.log("profile      receiver    voice whole, %        freezes a minute      longest, ms           switches a minute     kb/s");
  for (const { profile, whole, freezes } of LADDER)
    await measure(link, profile, SETTLE_S + WATCH_S, (one) => {
      const seen = one.look(SETTLE_S, SETTLE_S + WATCH_S);
      row(profile, one.name, [[seen.whole, 2, whole], [seen.freezes, 1, freezes], [seen.longest, 0, "-"], [seen.switches, 1, "-"], [seen.kbps, 0, "-"]]);
    });
}

async function slump(link) {
  console.log("\n2 Mb/s, 200 kb/s from second 30 to 60, then 2 Mb/s; 1 s may wait in the path");
  await measure(link, "slump", END_S, (one) => {
    const before = one.look(SLUMP_S - 10, SLUMP_S);
    const fall = one.look(SLUMP_S, SLUMP_S + 15);
    const low = one.look(SLUMP_S + 3, OVER_S);
    const after = [...Array(END_S - OVER_S - 1).keys()].find((s) => one.look(OVER_S + s, OVER_S + s + 2).kbps >= 0.9 * before.kbps);
    const gap = one instanceof Browser ? "made up, ms" : "longest gap of voice, ms";
    console.log(`  ${one.name}: before ${before.kbps.toFixed(0)} kb/s; ${gap} ${fall.gap.toFixed(0)} (250); ` +
      `fitting layer after ${one.settled(SLUMP_S, SLUMP_S + 20).toFixed(1)} s (2); ` +
      (low.queue === undefined ? "" : `voice waits from 3 s on at most ${low.queue.toFixed(0)} ms (300); `) +
      `back to 90 % after ${after === undefined ? `over ${END_S - OVER_S}` : after} s (15)`);
    if (process.env.SHOW_LOG) for (let s = SLUMP_S - 5; s < END_S; s++) console.log(s, JSON.stringify(one.look(s, s + 1)));
  });
}

async function flat(link) {
  console.log("\nFlat links");
  for (const profile of FLAT)
    await measure(link, profile, SETTLE_S + WATCH_S, (one) => {
      const seen = one.look(SETTLE_S, SETTLE_S + WATCH_S);
      console.log(`  ${profile.padEnd(13)}${one.name.padEnd(10)}${seen.switches.toFixed(1)} switches a minute (2), ${seen.kbps.toFixed(0)} kb/s, voice whole ${seen.whole.toFixed(2)} %`);
    });
}

async function run() {
  const plain = "--http.allow_plain_beyond_loopback=yes";
  const listen = `--http.listen=${SERVER_BEHIND_LINK}:${PORT}`;
  const server = await startServer({ port: PORT, flags: [listen, plain, `--media.addresses=${SERVER_BEHIND_LINK}`] });
  const start = execFileSync(program, ["start-address", listen, plain, `--store.path=${server.data}/store/incamera.db`]);
  const videos = LAYERS.flatMap((one) => ["--video", layer(one)]);
  const sender = new Client(["--start", start.toString().trim(), "--admit", ...videos, "--layers", 3, "--tone", "--send-only"]);
  const link = await sender.link();
  const only = process.env.ONLY?.split(",") ?? ["ladder", "slump", "flat"];
  console.log(`load ${loadavg()[0].toFixed(1)} at the start`);
  for (const part of [ladder, slump, flat]) if (only.includes(part.name)) await part(link);
  console.log(`load ${loadavg()[0].toFixed(1)} at the end`);
  await sender.leave();
  await server.end();
}

help(
  "[SECONDS=60] [ONLY=ladder,slump,flat] [BROWSER=chromium,firefox] [SHOW_LOG=1] ladder_bench.mjs\n" +
    "What a headless client and a browser (chromium alone, if nothing is said) hear and see on bad paths, each profile for so many seconds.",
);
if (engines.includes(undefined)) throw new Error(`BROWSER is of ${Object.keys(ENGINES)}`);
// In a network of its own, where the emulator's cables are.
if (process.env.INCAMERA_NAMESPACE === "entered") await run();
else {
  const here = fileURLToPath(import.meta.url);
  const namespace = fileURLToPath(new URL("../tests/net/in-namespace", import.meta.url));
  process.exitCode = spawnSync(namespace, [process.execPath, here], { stdio: "inherit" }).status ?? 1;
}
