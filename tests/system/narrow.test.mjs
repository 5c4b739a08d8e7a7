// Receivers whose path carries less than the meeting sends:
//
//   sender (all layers, sound) ---- server and media worker ---- link-emulator ---- receiver
//                  10.77.0.1                                                10.78.N.2
//
// The worker estimates each path and gives it the layers that fit; voice is never shed. How steadily it
// does is judged in virtual time (tests/worker/ladder_test.c), where no pause of the machine looks like a
// queue: here, that it comes to it on a real path.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBehindLink } from "./lib/behind_link.mjs";
import { behindLink, Client } from "./lib/client.mjs";
import { makeFolder } from "./lib/server.mjs";

const { folder, remove } = makeFolder();
const PATIENCE_MS = 60_000;
let server, sender, link;

before(async () => {
  const started = await startBehindLink(folder);
  server = started.server;
  sender = new Client(["--start", started.start, "--admit", "--pattern", 1_450_000, "--layers", 3, "--rates", 3, "--tone"]);
  link = await sender.link();
});
after(async () => {
  await sender.leave();
  await server.stop();
  remove();
});

/** The lines of a receiver behind `profile` from a second of its life until so many are as `wanted`. */
async function watch(profile, from, count, wanted) {
  const receiver = new Client([link, "--name", profile], undefined, behindLink(profile));
  const seen = () => receiver.lines.filter((line) => line.final === false && line.seconds > from);
  await receiver.line(() => seen().filter(wanted).length >= count, PATIENCE_MS).catch((error) => {
    throw new Error(seen().map(summary).join("\n"), { cause: error });
  });
  const lines = seen();
  const total = await receiver.leave();
  if (process.env.SHOW_LOG) for (const line of receiver.lines) console.log(summary(line));
  assert.equal(total.failed, 0);
  return lines;
}

const kbps = (line) => (line.bytes_in * 8) / 1000;
const summary = (l) =>
  `${l.seconds} s ${kbps(l).toFixed(0)} kb/s audio ${l.audio_in} gap ${l.audio_gap_ms} video ${l.video_in} gap ${l.video_gap_ms} p99 ${l.latency_p99_ms} lost ${l.lost}`;
const mean = (lines, of) => lines.reduce((sum, line) => sum + of(line), 0) / lines.length;

test("on a wide path the highest layer comes within seconds", async () => {
  await watch("rtt-100", 2, 5, (line) => kbps(line) > 1200);
});

test("at 500 kb/s voice stays without gaps and video falls to half of the pictures of a layer", async () => {
  // The middle layer has 485 kb/s, the lowest not 150: with half of the pictures only the middle one makes so much.
  const isHalf = (line) => kbps(line) > 230 && Math.abs(line.video_in - 15) < 4;
  const lines = await watch("narrow-down", 5, 5, isHalf);
  const told = lines.map(summary).join("\n");
  const [, gap = 0] = lines.map((line) => line.audio_gap_ms).sort((a, b) => b - a); // the machine may stand still once
  assert.ok(gap < 200, told);
  assert.ok(mean(lines, (line) => line.audio_in) > 48, told);
  assert.ok(mean(lines, kbps) < 480, told);
  assert.ok(mean(lines, (line) => line.lost) < 2, told);
});
