// What the server, its media worker and its database hold while a meeting goes on: nothing of the keys,
// which the clients of this test tell, nor of names, title, chat and link (SEC-02, SEC-07).
import assert from "node:assert/strict";
import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { MEDIA } from "./lib/client.mjs";
import { agree, Scene } from "./lib/evil_scene.mjs";
import { makeFolder, Server } from "./lib/server.mjs";

const AV = ["--pattern", 200_000, "--tone"];
const TELLER = { habit: "teller", args: AV };
const NAMES = ["Layla Canary Rahman", "Kofi Canary Mensah"];
const CHAT = "The canary is yellow tonight";
const TITLE = "Canary placement review";
const CHUNK = 1 << 24;
const OVERLAP = 256;
const { folder, remove } = makeFolder();
let server;

before(async () => {
  server = await Server.start(folder, MEDIA);
});
after(async () => {
  await server.stop();
  remove();
});

/** Every readable page of a process, in pieces that overlap. */
function* memoryOf(pid) {
  const memory = openSync(`/proc/${pid}/mem`, "r");
  const buffer = Buffer.alloc(CHUNK);
  for (const line of readFileSync(`/proc/${pid}/maps`, "latin1").split("\n")) {
    const [, from, to] = line.match(/^([0-9a-f]+)-([0-9a-f]+) r\S* (?!.*\[v)/) ?? [];
    for (let at = Number.parseInt(from, 16); at < Number.parseInt(to, 16); at += CHUNK - OVERLAP) {
      const wanted = Math.min(CHUNK, Number.parseInt(to, 16) - at);
      const read = readOr(memory, buffer, wanted, at);
      if (read > 0) yield buffer.subarray(0, read);
    }
  }
  closeSync(memory);
}

/** 0 for what cannot be read: a device, or a page that went in the meantime. */
function readOr(file, buffer, length, at) {
  try {
    return readSync(file, buffer, 0, length, at);
  } catch {
    return 0;
  }
}

function* filesIn(directory) {
  for (const name of readdirSync(directory)) yield readFileSync(path.join(directory, name));
}

/** What went over the sockets, as it was written and as the bytes that it stands for. */
function* wordsOn(wires) {
  const values = (value) => (value && typeof value === "object" ? Object.values(value).flatMap(values) : [`${value}`]);
  for (const text of wires.flatMap(({ ups, downs }) => [...ups, ...downs]).flatMap(values)) {
    yield Buffer.from(text);
    yield Buffer.from(text, "base64url");
  }
}

/** Which of the needles, [what it is, its bytes], are there. */
function found(needles, pieces) {
  const seen = new Set();
  for (const piece of pieces)
    for (const [what, bytes] of needles) if (!seen.has(what) && piece.includes(bytes)) seen.add(what);
  return [...seen].sort();
}

/** The bytes, and how they are written as text. */
const spellings = (what, bytes) => [
  [what, bytes],
  [`${what} as base64url`, Buffer.from(bytes.toString("base64url"))],
  [`${what} as hex`, Buffer.from(bytes.toString("hex"))],
];

function secretsOf(...tellers) {
  const unique = new Map();
  for (const { lines } of tellers)
    for (const { secret, hex } of lines) if (secret) unique.set(hex, `${secret} ${hex.slice(0, 8)}`);
  return [...unique].map(([hex, what]) => [what, Buffer.from(hex, "hex")]);
}

test("server, media worker, database, log and sockets hold no key, name, title, chat or link while a meeting goes on (SEC-02, SEC-07)", async (t) => {
  const scene = await Scene.open(t, server, folder, AV, "teller");
  const guests = [];
  for (const name of NAMES) guests.push(await scene.comeIn(name, TELLER));
  const waiting = await scene.come("Sam Canary Porter");
  await scene.host.event("knock", (event) => event.name === waiting.name);
  for (const each of guests) await each.line((line) => line.video_in > 20 && line.audio_in > 40);
  for (const order of [`title ${TITLE}`, "show-title"]) scene.host.say(order); // to who waits, too
  await waiting.event("card", ({ title }) => title === TITLE);
  scene.host.say(`chat ${CHAT}`);
  await guests[0].event("chat");
  scene.host.say("rekey");
  await sleep(1000);
  await agree(scene.host, ...guests);

  const secrets = secretsOf(scene.host, ...guests);
  const kinds = new Set(secrets.map(([what]) => what.replace(/ \S+$/, "")));
  assert.deepEqual([...kinds].sort(), ["base key", "exporter", "frame key", "frame salt"]);
  const [, fragment] = scene.link.split("#");
  const linkSecret = Buffer.from(fragment, "base64url").subarray(1, 33);
  const words = [...NAMES, waiting.name, CHAT, TITLE].map((word) => [word, Buffer.from(word)]);
  const needles = [...[...secrets, ["link secret", linkSecret]].flatMap((each) => spellings(...each)), ...words];

  const { pid } = server.log.findLast((line) => line.area === "workers" && line.event === "ready");
  assert.deepEqual(found(needles, memoryOf(server.pid)), [], "the server");
  assert.deepEqual(found(needles, memoryOf(pid)), [], "the media worker");
  assert.deepEqual(found(needles, filesIn(path.join(folder, "store"))), [], "the database");
  assert.deepEqual(found(needles, wordsOn(scene.evil.wires)), [], "what was said to it and by it");
  assert.deepEqual(found(needles, [Buffer.from(JSON.stringify(server.log))]), [], "the log");
  t.diagnostic(`${secrets.length} secrets, ${needles.length} needles`);

  // The same search does find what is there.
  const meeting = Buffer.from(new URL(scene.link).pathname.slice(1), "base64url");
  assert.deepEqual(found([["meeting", meeting]], memoryOf(server.pid)), ["meeting"]);
  assert.deepEqual(found([["meeting", meeting]], filesIn(path.join(folder, "store"))), ["meeting"]);
  assert.deepEqual(found([["meeting", meeting]], wordsOn(scene.evil.wires)), ["meeting"]);
  const { ufrag } = scene.host.wire.last("answer").ice;
  assert.deepEqual(found([["ICE", Buffer.from(ufrag)]], memoryOf(pid)), ["ICE"]);
  const newest = secretsOf(scene.host).findLast(([what]) => what.startsWith("base key"));
  assert.equal(found([newest, words[0]], memoryOf(scene.host.pid)).length, 2);
});

test("who comes late has none of the keys of before, and who is out none of those after (SEC-06)", async (t) => {
  const scene = await Scene.open(t, server, folder, [], "teller");
  const keys = (each) => secretsOf(each).map(([what, bytes]) => `${what} ${bytes.toString("hex")}`);
  const layla = await scene.comeIn("Layla", { habit: "teller" });
  await agree(scene.host, layla);
  const before = keys(scene.host);
  const kofi = await scene.comeIn("Kofi", { habit: "teller" });
  await agree(scene.host, layla, kofi);
  assert.ok(keys(kofi).length > 0);
  assert.deepEqual(keys(kofi).filter((key) => before.includes(key)), []);
  const inside = keys(scene.host).length;
  scene.host.say("remove Layla");
  assert.equal((await layla.exited).code, 1);
  await agree(scene.host, kofi);
  const later = keys(scene.host).slice(inside);
  assert.ok(later.length > 0);
  assert.deepEqual(keys(layla).filter((key) => later.includes(key)), []);
});
