// Networks that let no UDP through, or little of anything:
//
//   incamera-client ---- server and media worker ---- link-emulator ---- incamera-client
//                              10.77.0.1                                   10.78.N.2
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBehindLink } from "./lib/behind_link.mjs";
import { behindLink, Client } from "./lib/client.mjs";
import { makeFolder } from "./lib/server.mjs";

const { folder, remove } = makeFolder();
let server, stays, link;

before(async () => {
  const started = await startBehindLink(folder);
  server = started.server;
  stays = new Client(["--start", started.start, "--admit", "--pattern", 2_000_000, "--layers", 3, "--tone"]);
  link = await stays.link();
});
after(async () => {
  await stays.leave();
  await server.stop();
  remove();
});

const told = (lines) =>
  lines.map((l) => `${l.seconds} s ${((l.bytes_in * 8) / 1000).toFixed(0)} kb/s audio ${l.audio_in} gap ${l.audio_gap_ms} video ${l.video_in} p99 ${l.latency_p99_ms}`).join("\n");

test("without UDP a participant is there over TCP within 5 s, and heard and seen", async () => {
  const arrives = stays.lines.length;
  const guest = new Client([link, "--pattern", 300_000, "--tone"], undefined, behindLink("nothing"));
  const first = await guest.line((line) => line.audio_in >= 45 && line.video_in >= 20);
  assert.ok(first.seconds <= 5, told(guest.lines));
  await stays.line((line) => stays.lines.indexOf(line) >= arrives && line.audio_in >= 45 && line.video_in >= 20);
  const total = await guest.leave();
  assert.equal(total.failed, 0);
});

test("over TCP that falls from 2 Mb/s to 200 kb/s what comes late is over in 5.5 s, and voice is whole again", async (t) => {
  const guest = new Client([link, "--tcp"], undefined, behindLink("collapse", ""));
  await guest.line((line) => line.final === false && line.seconds >= 25, 40_000);
  const lines = guest.lines.filter((line) => line.final === false && line.seconds > 8);
  await guest.leave();
  if (process.env.SHOW_LOG) console.log(told(lines));
  const worst = Math.max(...lines.map((line) => line.latency_p99_ms));
  const gap = Math.max(...lines.map((line) => line.audio_gap_ms));
  t.diagnostic(`slowest frame of a hundred ${Math.round(worst)} ms, longest gap of voice ${Math.round(gap)} ms`);
  assert.ok(worst < 1800, told(lines)); // 655 to 819 ms measured, up to 1,640 on a busy machine
  assert.ok(gap < 1000, told(lines));
  const end = lines.filter((line) => line.seconds > 20.5);
  assert.ok(end.every((line) => line.latency_p99_ms < 1000), told(lines));
  assert.ok(end.reduce((sum, line) => sum + line.audio_in, 0) / end.length > 45, told(lines));
});
