// What an operator's Prometheus reads of a server while people meet on it:
//
//   test ---- GET /metrics ---- incamera serve, incamera-media ---- 3 x incamera-client, one by TCP
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import dgram from "node:dgram";
import { after, before, test } from "node:test";
import { parse, value } from "../lib/exposition.mjs";
import { Client, MEDIA } from "./lib/client.mjs";
import { makeMeeting } from "./lib/meeting.mjs";
import { makeFolder, program, Server } from "./lib/server.mjs";
import { handshake, open } from "./lib/websocket.mjs";

const { folder, remove } = makeFolder();
let server, port;

before(async () => {
  server = await Server.start(folder, [...MEDIA, "--metrics.listen=127.0.0.1:0"]);
  port = (await server.logged((line) => line.event === "metrics")).port;
});
after(async () => {
  await server.stop();
  remove();
});

const get = (path, method = "GET") => fetch(`http://127.0.0.1:${port}${path}`, { method });

async function read() {
  const answer = await get("/metrics");
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const text = await answer.text();
  return Object.assign(parse(text), { text });
}

/** Media processes tell their numbers once a second. */
async function until(wanted) {
  for (let tries = 0; ; tries++) {
    const metrics = await read();
    if (wanted(metrics) || tries === 50) return metrics;
    await new Promise((next) => setTimeout(next, 200));
  }
}

const packets = (metrics, direction) => value(metrics, "incamera_media_packets_total", { direction });
const routes = (metrics) =>
  ["udp", "tcp", "relay", "none"].map((route) => value(metrics, "incamera_media_connections", { route }));

test("the metrics of a server at rest are zeroes, and nobody is there", async () => {
  const metrics = await read();
  for (const name of ["incamera_members", "incamera_meetings", "incamera_joins_total", "incamera_media_packets_total"])
    assert.equal(value(metrics, name), 0);
  assert.equal(value(metrics, "incamera_media_up"), 1);
  assert.ok(value(metrics, "incamera_media_resident_memory_bytes") > 1e6);
});

test("OPS: the numbers are those of the call that is going on, by way, kind and reason", async () => {
  const media = ["--pattern", 400_000, "--layers", 2, "--tone"];
  const host = new Client(["--start", server.startAddress, "--admit", "--name", "Canary Osei", ...media]);
  const link = await host.link();
  const guests = new Client([link, "--name", "Canary Porter", ...media, "--tcp"]);
  const silent = new Client([link, "--name", "Canary Rahman"]);
  for (const each of [host, guests, silent]) await each.line((line) => line.video_in > 20 && line.audio_in > 40);
  const there = await until((m) => value(m, "incamera_members") === 3 && `${routes(m)}` === "2,1,0,0");
  assert.deepEqual(routes(there), [2, 1, 0, 0]);
  for (const [name, expected] of [
    ["incamera_meetings", 1],
    ["incamera_waiting", 0],
    ["incamera_sockets", 3],
    ["incamera_joins_total", 3],
    ["incamera_meetings_created_total", 1],
    ["incamera_connects_total", 3],
    ["incamera_wrong_links_total", 0],
  ])
    assert.equal(value(there, name), expected, name);
  assert.equal(value(there, "incamera_media_handshakes_total", { result: "done" }), 3);
  assert.equal(value(there, "incamera_media_handshakes_total", { result: "failed" }), 0);
  assert.ok(value(there, "incamera_media_cpu_seconds_total") > 0);
  assert.ok(value(there, "incamera_media_key_frame_requests_total", { direction: "out" }) >= 2);

  const before = await read();
  await until((m) => packets(m, "in") - packets(before, "in") > 300);
  const later = await read();
  const estimates = "incamera_media_estimate_bits_per_second";
  const count = (m) => m.get(estimates).samples.find((s) => s.name === `${estimates}_count`).value;
  assert.ok(count(later) > count(before), "each receiver's estimate, once a second");
  assert.ok(value(later, "incamera_media_bytes_total", { direction: "in" }) > 20 * packets(later, "in"));
  // Two send, and each of the three gets what the others send.
  const [came, went] = [packets(later, "in") - packets(before, "in"), packets(later, "out") - packets(before, "out")];
  assert.ok(went > came && went < 4 * came, `${came} in, ${went} out`);

  await checkPrivate(later.text, link);
  for (const each of [host, guests, silent]) await each.leave();
  const gone = await until((m) => value(m, "incamera_members") === 0 && routes(m).every((n) => n === 0));
  assert.deepEqual(routes(gone), [0, 0, 0, 0]);
  assert.ok(packets(gone, "in") >= packets(later, "in"), "what has been counted stays");
});

/** PRV-15: labels are words of ours and the numbers of processes. */
async function checkPrivate(text, link) {
  const [meeting, secret] = link.split("/").at(-1).split("#");
  const words = ["Canary", "Osei", "127.0.0.1", "localhost", meeting, secret, server.startToken, `${server.port}`];
  for (const word of words) assert.ok(!text.includes(word), `"${word}" in the metrics`);
  const known = { version: /^\d+\.\d+\.\d+$/, worker: /^\d+$/, le: /^(\d+|\+Inf)$/ };
  for (const family of parse(text).values())
    for (const { labels } of family.samples)
      for (const [key, text] of Object.entries(labels)) assert.match(text, known[key] ?? /^[a-z_]{2,20}$/, key);
}

test("what strangers send to the media port is counted by why it was dropped", async () => {
  const { port: media } = server.log.find((line) => line.area === "workers" && line.event === "ready");
  const socket = dgram.createSocket("udp4");
  const before = await read();
  const dropped = (m, reason) => value(m, "incamera_media_dropped_total", { reason });
  for (let i = 0; i < 20; i++) {
    socket.send(Buffer.concat([Buffer.from([0x80, 111]), randomBytes(50)]), media, "127.0.0.1"); // RTP of nobody
    socket.send(Buffer.concat([Buffer.from([0, 1]), randomBytes(30)]), media, "127.0.0.1"); // half a STUN message
  }
  const then = await until((m) => dropped(m, "unknown") - dropped(before, "unknown") >= 20);
  socket.close();
  assert.equal(dropped(then, "unknown") - dropped(before, "unknown"), 20);
  assert.equal(dropped(then, "malformed") - dropped(before, "malformed"), 20);
  assert.equal(dropped(then, "forged"), dropped(before, "forged"));
});

test("the network test makes transports that are gone with who asked", async () => {
  const meeting = await makeMeeting(server);
  const client = await open(server.port);
  const ice = { ufrag: "abcd", pwd: "abcdefghijklmnopqrstuv" };
  const fingerprint = Buffer.alloc(32, 1).toString("base64url");
  client.send({ type: "try", meeting: meeting.meeting, proof: meeting.proof, fingerprint, ways: [ice, ice, ice] });
  await client.hear("tried");
  assert.equal(routes(await until((m) => routes(m)[3] === 3))[3], 3);
  client.drop();
  assert.equal(routes(await until((m) => routes(m)[3] === 0))[3], 0);
});

test("ACC-09: wrong links are counted", async () => {
  const client = await open(server.port);
  const [meeting, proof] = [randomBytes(16), randomBytes(32)].map((bytes) => bytes.toString("base64url"));
  client.send({ type: "join", meeting, proof });
  await client.hear("error");
  client.drop();
  assert.equal(value(await read(), "incamera_wrong_links_total"), 1);
});

test("the metrics port serves its one path only, and the pages' port does not serve it", async () => {
  for (const path of ["/", "/metrics/", "/index.html", "/ws"]) assert.equal((await get(path)).status, 404);
  assert.equal((await get("/metrics", "POST")).status, 404);
  assert.equal((await fetch(`http://127.0.0.1:${server.port}/metrics`)).status, 404);
  const upgraded = await handshake(port).catch(() => ({ status: 0 }));
  assert.notEqual(upgraded.status, 101);
});

test("without metrics.listen there is no such port, and beyond loopback it takes a word", () => {
  const quick = (...flags) => spawnSync(program, ["check-config", `--web.root=${folder}`, ...flags], { encoding: "utf8" });
  assert.match(quick("--metrics.listen=0.0.0.0:9400").stderr, /metrics.allow_beyond_loopback = yes/);
  assert.equal(quick("--metrics.listen=0.0.0.0:9400", "--metrics.allow_beyond_loopback=yes").status, 0);
});
