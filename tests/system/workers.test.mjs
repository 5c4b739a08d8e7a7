// Two media workers with a meeting each: what one meeting notices when the worker of the other dies,
// and what becomes of a meeting whose workers die again and again.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client, MEDIA } from "./lib/client.mjs";
import { makeFolder, Server } from "./lib/server.mjs";

const RESUMES_MS = 2000;
const NOTICED_MS = 500; // a machine busy with other tests has gaps of its own
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const { folder, remove } = makeFolder();
let server;
let first; // two people each
let second;

function startMeeting(address) {
  return new Client(["--start", address, "--admit", "--count", 2, "--pattern", 300_000, "--tone"]);
}

const flows = (line) => line.joined === 2 && line.video_in >= 50 && line.audio_in >= 90;
const flowing = (client, from) => client.line((line) => client.lines.indexOf(line) >= from && flows(line), 15_000);

before(async () => {
  server = await Server.start(folder, [...MEDIA, "--media.workers=2"]);
  const page = server.startAddress.split("#")[0];
  first = startMeeting(server.startAddress);
  await first.line(flows);
  second = startMeeting(`${page}#${server.newStartToken()}`);
  await second.line(flows);
});
after(async () => {
  await Promise.all([first.leave(), second.leave()]);
  await server.stop();
  remove();
});

function kill(worker) {
  const ready = (line) => line.area === "workers" && line.event === "ready" && line.worker === worker;
  process.kill(server.log.findLast(ready).pid, "SIGKILL");
}

const reconnects = (client) => client.lines.findLast((line) => "reconnects" in line).reconnects;

const longest = (client, from, kind) => Math.max(...client.lines.slice(from).map((line) => line[`${kind}_gap_ms`] ?? 0));
const longestGap = (client, from) => Math.max(longest(client, from, "audio"), longest(client, from, "video"));

test("a meeting resumes in 2 s when its worker dies, and that of another worker notices nothing", async (t) => {
  const from = [first.lines.length, second.lines.length];
  kill(0); // of two equals the first is taken first
  await first.line((line) => line.reconnects === 2, 15_000);
  await flowing(first, from[0] + 2);
  await later(1000);
  const own = longestGap(first, from[0]);
  // Of voice, which is never switched off: a worker that gets no processor for a while takes its
  // receivers' paths for worse than they are, and then stops pictures until that has passed.
  const others = longest(second, from[1], "audio");
  t.diagnostic(`longest gap ${Math.round(own)} ms, of the other meeting ${Math.round(others)} ms`);
  assert.ok(own < RESUMES_MS, `longest gap ${own} ms`);
  assert.ok(others < NOTICED_MS, `longest gap of the other meeting ${others} ms`);
  assert.equal(reconnects(second), 0);
});

test("a meeting is parked with the third worker that dies of it, and its neighbours go on", async (t) => {
  kill(1); // both are there by now, so either may be why; the first for the second time
  await later(700); // both are carried by the other worker, the first on trial
  const from = second.lines.length;
  kill(0);
  const parked = await server.logged((line) => line.area === "placing" && line.event === "parked");
  assert.equal(parked.level, "error");
  await flowing(second, from + 1);
  t.diagnostic(`longest gap of the neighbour ${Math.round(longestGap(second, from))} ms`);
  await later(2000);
  const last = first.lines.findLast((line) => line.final === false);
  assert.deepEqual([last.video_in, last.audio_in], [0, 0]);
  assert.equal(server.log.filter((line) => line.event === "parked").length, 1);
});
