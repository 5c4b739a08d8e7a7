// Receivers whose path carries less than the meeting sends:
//
//   sender (all layers, sound) ---- server and media worker ---- link-emulator ---- receiver
//                  10.77.0.1                                                10.78.N.2
//
// The worker estimates each path and gives it the layers that fit; voice is never shed.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBehindLink } from "./lib/behind_link.mjs";
import { behindLink, Client } from "./lib/client.mjs";
import { makeFolder } from "./lib/server.mjs";

const { folder, remove } = makeFolder();
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

/** The lines of a receiver behind `profile` between two seconds of its life. */
async function watch(profile, from, to, options) {
  const receiver = new Client([link, "--name", profile], undefined, behindLink(profile, options));
  await receiver.line((line) => line.final === false && line.seconds >= to, 1000 * to + 15_000);
  const lines = receiver.lines.filter((line) => line.seconds > from && line.seconds <= to);
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
  const lines = await watch("rtt-100", 6, 12);
  assert.ok(mean(lines, kbps) > 1200, lines.map(summary).join("\n"));
});

test("at 500 kb/s voice stays without gaps and video falls to half of the pictures of a layer", async () => {
  const lines = await watch("narrow-down", 5, 25);
  const told = lines.map(summary).join("\n");
  assert.ok(Math.max(...lines.map((line) => line.audio_gap_ms)) < 200, told);
  assert.ok(mean(lines, (line) => line.audio_in) > 48, told);
  assert.ok(mean(lines, kbps) < 480, told);
  // The middle layer has 485 kb/s, the lowest not 150: with half of the pictures only the middle one makes so much.
  const isHalf = (line) => kbps(line) > 230 && Math.abs(line.video_in - 15) < 4;
  // Nearly all the time on an idle machine; where it stands still for a quarter of a second, that looks like a queue.
  assert.ok(lines.filter(isHalf).length > lines.length / 4, told);
  assert.ok(mean(lines, (line) => line.lost) < 2, told);
});
