// A call survives the death of what carries it. Participants measure the longest time without a
// frame of the other.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client, MEDIA } from "./lib/client.mjs";
import { makeFolder, Server } from "./lib/server.mjs";

const WORKER_GAP_MS = 2000;
const SERVER_GAP_MS = 10_000;
const { folder, remove } = makeFolder();
let server;
let two;

before(async () => {
  server = await Server.start(folder, MEDIA);
  two = new Client(["--start", server.startAddress, "--admit", "--count", 2, "--pattern", 300_000, "--tone"]);
  await two.line((line) => line.joined === 2 && line.video_in >= 50 && line.audio_in >= 90);
});
after(async () => {
  await server.stop();
  remove();
});

const flowing = (from) => (line) =>
  two.lines.indexOf(line) >= from && line.joined === 2 && line.video_in >= 50 && line.audio_in >= 90;

test("a call goes on by itself after kill -9 of its media worker", async (t) => {
  const ready = await server.logged((line) => line.area === "workers" && line.event === "ready");
  const from = two.lines.length;
  process.kill(ready.pid, "SIGKILL");
  await two.line((line) => line.reconnects === 2, 15_000);
  await two.line(flowing(from + 2), 15_000);
  const gap = Math.max(...two.lines.slice(from).map((line) => Math.max(line.audio_gap_ms, line.video_gap_ms)));
  t.diagnostic(`longest gap ${Math.round(gap)} ms`);
  assert.ok(gap < WORKER_GAP_MS, `longest gap ${gap} ms`);
});

test("a call goes on, and its link still works, after kill -9 of the server", async (t) => {
  const port = server.port;
  const from = two.lines.length;
  await server.stop("SIGKILL");
  server = await Server.start(folder, [...MEDIA, `--http.listen=127.0.0.1:${port}`]);
  const link = await two.link();
  const late = new Client([link]);
  await late.line((line) => line.people === 2 && line.video_in >= 50, 30_000);
  await late.leave();
  await two.line(flowing(from + 2), 30_000);
  const gap = Math.max(...two.lines.slice(from).map((line) => Math.max(line.audio_gap_ms, line.video_gap_ms)));
  t.diagnostic(`longest gap ${Math.round(gap)} ms`);
  assert.ok(gap < SERVER_GAP_MS, `longest gap ${gap} ms`);
  const total = await two.leave();
  assert.equal(total.failed_joins, 0);
});
