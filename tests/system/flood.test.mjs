// Who floods the server from outside, on every way in, while a call goes on (A1, A4, A20):
//
//   flood.mjs, a process of its own ── UDP, TCP, TLS, HTTP/2, WebSockets ── incamera, incamera-media
//   two people who send sound and pictures ─────────────────────────────┘
//   somebody who asks for the page, again and again
//
// The call is held against itself before each flood; memory against what it was at the start.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import https from "node:https";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Client, MEDIA } from "./lib/client.mjs";
import { makeFolder, PAGE, Server } from "./lib/server.mjs";

const FLOOD_MS = 1000;
const GROWS_MIB = 64;
const WORKER_GROWS_MIB = 4;
const HOST_GROWS_MIB = 8;
const LINES = 100;
const FILES = 500; // 250 connections of one address, twice 64 that are on their way out, and our own
const flood = fileURLToPath(new URL("lib/flood.mjs", import.meta.url));
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const own = makeFolder();
let server;
let worker;
let call;
let atFirst; // MiB

const mib = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
const flows = (line) => line.joined === 2 && line.video_in >= 50 && line.audio_in >= 90;
const gap = (lines) => Math.max(...lines.map((line) => line.audio_gap_ms ?? 0));
const lineAfter = (from) => call.line((line) => line.final === false && call.lines.indexOf(line) >= from);

before(async () => {
  const [key, certificate] = ["tls.key", "tls.pem"].map((name) => path.join(own.folder, name));
  const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost"];
  execFileSync("openssl", [...made, "-keyout", key, "-out", certificate], { stdio: "ignore" });
  server = await Server.start(own.folder, [...MEDIA, `--tls.certificate=${certificate}`, `--tls.key=${key}`]);
  worker = server.log.find((line) => line.area === "workers" && line.event === "ready");
  const who = ["--start", server.startAddress, "--insecure-certificate", "--admit", "--count", 2, "--control"];
  call = new Client([...who, "--pattern", 300_000, "--tone"]);
  await call.line(flows);
  atFirst = mib(server.pid);
});
after(async () => {
  await call.leave();
  await server.stop();
  own.remove();
});

/** The page over a connection of its own, from another address than the flood's. */
function page() {
  return new Promise((resolve, reject) => {
    const from = performance.now();
    const to = { host: "127.0.0.1", port: server.port, localAddress: "127.0.0.9", rejectUnauthorized: false, agent: false };
    const request = https.get(to, (answer) => {
      let body = "";
      answer.on("data", (data) => (body += data)).on("end", () => resolve({ body, ms: performance.now() - from }));
    });
    request.on("error", reject);
  });
}

/** One flood to its end; what it counted. */
function start(kind, port, ...more) {
  const child = spawn(process.execPath, [flood, kind, port, FLOOD_MS, ...more], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.on("data", (data) => (said += data));
  return new Promise((resolve) => child.on("close", () => resolve(JSON.parse(said))));
}

/** Those floods at one time, to their end, and how the server was meanwhile. */
async function watch(kinds, port, ...more) {
  const seen = { pages: [], most: 0, mostOfWorker: 0, files: 0, counted: null };
  Promise.all(kinds.map((kind) => start(kind, port, ...more))).then((counted) => (seen.counted = counted));
  while (!seen.counted) {
    const { body, ms } = await page();
    assert.equal(body, PAGE);
    seen.pages.push(ms);
    seen.most = Math.max(seen.most, mib(server.pid));
    seen.files = Math.max(seen.files, readdirSync(`/proc/${server.pid}/fd`).length);
    seen.mostOfWorker = Math.max(seen.mostOfWorker, mib(worker.pid));
    await later(20);
  }
  return seen;
}

async function withstand(t, kinds, port, ...more) {
  const [lines, workerBefore] = [server.log.length, mib(worker.pid)];
  const from = call.lines.length;
  const seconds = call.lines.filter((line) => line.final === false);
  const seen = await watch(kinds, port, ...more);
  await lineAfter(call.lines.length); // the second in which it ended
  const [without, under] = [gap(seconds.slice(-2)), gap(call.lines.slice(from))];
  const slowest = Math.max(...seen.pages);
  const grew = seen.most - atFirst;
  const counts = kinds.map((kind, i) => `${kind} ${seen.counted[i].count}`).join(", ");
  const sound = `sound ${Math.round(without)} -> ${Math.round(under)} ms`;
  t.diagnostic(`${counts}; ${sound}; page ${Math.round(slowest)} ms at most; ${grew.toFixed(1)} MiB more`);
  assert.ok(under < 500 + 3 * without, `a gap of ${under} ms, before it ${without} ms`);
  assert.ok(slowest < 2000, `the page came after ${slowest} ms`);
  assert.ok(grew < GROWS_MIB, `${grew} MiB more`);
  assert.ok(seen.files < FILES, `${seen.files} open files`);
  assert.ok(seen.mostOfWorker - workerBefore < WORKER_GROWS_MIB, `the worker has ${seen.mostOfWorker} MiB`);
  assert.ok(server.log.length - lines <= LINES, `${server.log.length - lines} log lines`);
  assert.ok(seen.counted.every(({ count }) => count > 0));
  return seen.counted;
}

test("DTLS hellos, checks, media and packets of every first byte, 20,000 a second each, get no answer", async (t) => {
  for (const { came } of await withstand(t, ["hello", "check", "media", "garbage"], worker.port)) assert.equal(came, 0);
});

for (const [what, kinds] of Object.entries({
  "connections that never begin with TLS, or stop within it": ["half-open", "half-hello"],
  "TLS handshakes, and connections that ask for everything and read nothing": ["handshake", "greedy"],
  "WebSockets that say too much, or 5,000 keys": ["messages", "wide"],
  "WebSockets that say 60,000 levels, or 100 MiB": ["deep", "huge"],
  "HTTP/2 requests that are reset at once, or whose answers are not read": ["rapid-reset", "many-requests"],
  "HTTP/2 headers without end": ["continuation", "empty-continuation"],
  "HTTP/2 settings and pings whose answers are not read": ["settings", "ping"],
  "HTTP/2 frames that say nothing": ["empty-data", "priority", "window"],
}))
  test(`a flood of ${what} costs memory within its limit and harms no call`, async (t) => {
    await withstand(t, kinds, server.port);
  });

test("2,000 knocks from strangers with the link leave the host and those inside as they are", async (t) => {
  const link = await call.link();
  const own = ["--insecure-certificate", "--control"];
  const layla = new Client([link, "--name", "Layla", ...own]);
  await layla.event("entered");
  const [before, began] = [mib(call.pid), performance.now()];
  let counted;
  const flood = withstand(t, ["knock"], server.port, link).finally(() => (counted = true));
  const omar = new Client([link, "--name", "Omar", ...own]); // who has another address
  await omar.event("entered");
  assert.ok(!counted, "he came in while they knocked");
  const took = [];
  for (; !counted; await later(100)) {
    const [words, from] = [`words ${took.length}`, performance.now()];
    layla.say(`chat ${words}`); // through the host's core and its socket, behind the knocks
    await call.event("chat", (chat) => chat.text === words);
    took.push(performance.now() - from);
  }
  const [{ knocks, refused, reached }] = await flood;
  const seconds = (performance.now() - began) / 1000;
  const [slowest, grew] = [Math.max(...took), mib(call.pid) - before];
  const counts = `${knocks} knocks in ${seconds.toFixed(1)} s, ${refused} refused, ${reached} at the host`;
  t.diagnostic(`${counts}; words after ${Math.round(slowest)} ms at most; host ${grew.toFixed(1)} MiB more`);
  assert.ok(reached > 0 && reached <= 100 + seconds + 1, counts);
  assert.ok(slowest < 3000, `words took ${slowest} ms`);
  assert.ok(grew < HOST_GROWS_MIB, `the host has ${grew} MiB more`);
  for (const one of [omar, layla]) assert.equal((await one.leave()).failed, 0);
});

test("what the floods took is given back within 10 s, and the call never broke", async (t) => {
  const most = 1.1 * atFirst + 1;
  for (let i = 0; i < 50 && mib(server.pid) > most; i++) await later(200);
  t.diagnostic(`${atFirst.toFixed(1)} MiB at first, ${mib(server.pid).toFixed(1)} MiB now`);
  assert.ok(mib(server.pid) <= most, `${mib(server.pid)} MiB, at first ${atFirst}`);
  assert.equal(call.lines.findLast((line) => "reconnects" in line).reconnects, 0);
});
