// Meetings over two media workers, as their people and their operator notice it:
//
//   incamera-client ×N ---- incamera-media 0 ──┐
//                                              ├ a link, made by incamera serve
//   incamera-client ×N ---- incamera-media 1 ──┘
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { parse, value } from "../lib/exposition.mjs";
import { Client, MEDIA } from "./lib/client.mjs";
import { makeFolder, Server } from "./lib/server.mjs";

const RESUMES_MS = 2000;
const STALL_MS = 500; // what a busy machine may stand still; without its own gaps it is none: worker/far_viewers_test.c
const { folder, remove } = makeFolder();
const PICTURES = ["--pattern", 300_000];
let server;
let metrics;
let near; // the host and one more, on one worker: sound and pictures
let far; // two on the other worker: pictures

/** With one person a worker before the next one takes part, people go to the two in turn. */
before(async () => {
  server = await Server.start(folder, [...MEDIA, "--media.workers=2", "--media.people_per_worker=1", "--metrics.listen=127.0.0.1:0"]);
  metrics = (await server.logged((line) => line.event === "metrics")).port;
  const host = await joined(["--start", server.startAddress, "--admit", ...PICTURES, "--tone"]);
  const link = await host.link();
  const first = await joined([link, ...PICTURES]);
  near = [host, await joined([link, ...PICTURES, "--tone"])];
  far = [first, await joined([link, ...PICTURES])];
});
after(async () => {
  await Promise.all([...near, ...far].map((client) => client.leave()));
  await server.stop();
  remove();
});

async function joined(words) {
  const client = new Client(words);
  await client.line((line) => line.joined === 1);
  return client;
}

async function read() {
  const answer = await fetch(`http://127.0.0.1:${metrics}/metrics`);
  return parse(await answer.text());
}

/** The next second in which each of `clients` gets what `wanted` says. */
const seconds = (clients, wanted, from = clients.map((client) => client.lines.length)) =>
  Promise.all(clients.map((client, i) => client.line((line) => line.final === false && client.lines.indexOf(line) >= from[i] && wanted(line), 20_000)));

/** One or two voices and three pictures, of 50 and 30 a second. */
const all = async (from) =>
  (await Promise.all([
    seconds(near, (line) => line.audio_in >= 45 && line.video_in >= 80, from?.slice(0, 2)),
    seconds(far, (line) => line.audio_in >= 90 && line.video_in >= 80, from?.slice(2)),
  ])).flat();

function kill(worker) {
  const ready = (line) => line.area === "workers" && line.event === "ready" && line.worker === worker;
  process.kill(server.log.findLast(ready).pid, "SIGKILL");
}

function longestGap(clients, from, what) {
  return Math.max(...clients.flatMap((client, i) => client.lines.slice(from[i]).map((line) => line[what] ?? 0)));
}

test("four people on two workers hear and see each other, and each stream crosses once", async (t) => {
  for (const line of await all()) assert.equal(line.failed, 0);
  const crossed = async () => {
    const m = await read();
    return [0, 1].map((worker) => value(m, "incamera_media_crossed_total", { worker: String(worker), direction: "out" }));
  };
  assert.equal(value(await read(), "incamera_meetings_spread"), 1);
  const [before, from] = [await crossed(), performance.now()];
  for (let i = 0; i < 5; i++) await all();
  const passed = (performance.now() - from) / 1000;
  const rates = (await crossed()).map((count, i) => (count - before[i]) / passed);
  t.diagnostic(`records each second: ${rates.map(Math.round).join(" and ")}`);
  // Two cameras each way of some 48 packets a second, and one way two voices of 50; each is taken by two.
  assert.ok(rates[0] > 50 && rates[0] < 300 && rates[1] > 25 && rates[1] < 140, `${rates}`);
  assert.ok(value(await read(), "incamera_media_dropped_total", { reason: "link_full" }) <= 20); // a machine may stand still
});

test("the layers that somebody gets are the same on both workers", async (t) => {
  const start = `${server.startAddress.split("#")[0]}#${server.newStartToken()}`;
  const sender = await joined(["--start", start, "--admit", "--pattern", 1_200_000, "--layers", 3, "--send-only"]);
  const link = await sender.link();
  const viewers = [];
  for (const height of [180, 180, 720, 720]) viewers.push(await joined([link, "--height", height]));
  for (let i = 0; i < 3; i++) await seconds(viewers, (line) => line.video_in >= 25);
  const lines = await seconds(viewers, (line) => line.video_in >= 25);
  const kbps = lines.map((line) => Math.round((line.bytes_in * 8) / 1000));
  t.diagnostic(`small pictures ${kbps.slice(0, 2)} kb/s on the other worker and the sender's, large ones ${kbps.slice(2)}`);
  for (const line of lines) assert.equal(line.failed, 0);
  for (const at of [0, 2]) assert.ok(Math.abs(kbps[at] - kbps[at + 1]) < 0.4 * kbps[at + 1], `${kbps}`);
  assert.ok(kbps[2] > 2 * kbps[0], `${kbps}`);
  await Promise.all([...viewers, sender].map((client) => client.leave()));
});

test("when a worker dies the other's people hear and see on, and its own come back in 2 s", async (t) => {
  const from = [...near, ...far].map((client) => client.lines.length);
  const quiet = longestGap(near, from.map((at) => at - 3), "audio_gap_ms");
  kill(1); // of two equals the first is taken first, so it has who came second
  await seconds(far, (line) => line.reconnects === 1);
  await all([...near, ...far].map((client) => client.lines.length));
  const [voice, own, pictures] = [
    longestGap(near, from, "audio_gap_ms"),
    longestGap(far, from.slice(2), "audio_gap_ms"),
    longestGap(near, from, "video_gap_ms"),
  ];
  t.diagnostic(`longest gap ${Math.round(own)} ms, ${Math.round(pictures)} ms of pictures for the others, ${Math.round(voice)} ms of their voices, ${Math.round(quiet)} before`);
  assert.ok(own < RESUMES_MS && pictures < RESUMES_MS, `longest gap ${own} ms, ${pictures} ms`);
  assert.ok(voice < STALL_MS + 3 * quiet, `longest gap of a voice ${voice} ms, before ${quiet} ms`);
  // Not even a second of one voice is lost; a machine that stands still drops some (none of it: worker/far_viewers).
  for (const [i, client] of near.entries())
    for (const { lost } of client.lines.slice(from[i])) assert.ok((lost ?? 0) < 50, `${lost} packets lost`);
  for (const client of near) assert.equal(client.lines.findLast((line) => "reconnects" in line).reconnects, 0);
});
