// A member of the meeting who misbehaves: it has the link, and its frames reach the others. None of
// them may come out of the others' cores (SEC-04).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client, MEDIA } from "./lib/client.mjs";
import { makeFolder, Server } from "./lib/server.mjs";

const { folder, remove } = makeFolder();
let server;
let host;
let link;

before(async () => {
  server = await Server.start(folder, MEDIA);
  host = new Client(["--start", server.startAddress, "--admit"]);
  link = await host.link();
});
after(async () => {
  await host.leave();
  await server.stop();
  remove();
});

/** What an honest listener counts while a member of that habit sends for three seconds. */
async function listenTo(habit) {
  const listener = new Client([link]);
  const sender = new Client([link, "--pattern", 300_000, "--tone", "--seconds", 5], habit);
  await listener.line((line) => line.people >= 1 && line.frames_in > 0);
  await sender.end();
  assert.ok(sender.final.frames_out > 100);
  return listener.leave();
}

test("a frame in the clear is not opened", async () => {
  const total = await listenTo("clear");
  assert.equal(total.decrypted, 0);
  assert.ok(total.failed > 100, `${total.failed} failed`);
});

test("a frame with any bit flipped is not opened", async () => {
  const total = await listenTo("flip");
  assert.equal(total.decrypted, 0);
  assert.ok(total.failed > 100, `${total.failed} failed`);
});

test("a frame under a key of another group is not opened", async () => {
  const total = await listenTo("other-key");
  assert.equal(total.decrypted, 0);
  assert.ok(total.failed > 100, `${total.failed} failed`);
});

test("a frame that names another sender is not opened", async () => {
  const total = await listenTo("other-index");
  assert.equal(total.decrypted, 0);
  assert.ok(total.unexpected > 100, `${total.unexpected} unexpected`);
});

test("another's frame in the own stream is not opened", async () => {
  const talker = new Client([link, "--pattern", 100_000, "--tone"]);
  await talker.line((line) => line.frames_out > 20);
  const listener = new Client([link]);
  await listener.line((line) => line.audio_in > 20);
  const sender = new Client([link, "--pattern", 300_000, "--tone", "--seconds", 5], "echo");
  await sender.end();
  assert.ok(sender.final.frames_out > 100);
  const total = await listener.leave();
  const { frames_out } = await talker.leave();
  assert.ok(total.unexpected > 100, `${total.unexpected} unexpected`);
  assert.ok(total.decrypted <= frames_out, `${total.decrypted} of ${frames_out} opened`);
});

test("a frame that is repeated is opened once for each stream", async () => {
  const total = await listenTo("replay");
  assert.ok(total.decrypted <= 2, `${total.decrypted} opened`);
  assert.ok(total.repeated > 100, `${total.repeated} repeated`);
});

test("a member that sends 40 Mbit/s takes nothing from the others", async (t) => {
  const talker = new Client([link, "--tone"]);
  const listener = new Client([link]);
  const hears = (from) => (line) => listener.lines.indexOf(line) >= from && line.audio_in >= 45;
  await listener.line(hears(0));
  const flooder = new Client([link, "--pattern", 40_000_000]);
  await flooder.line((line) => line.packets_out > 3000);
  const from = listener.lines.length;
  for (let i = 1; i <= 4; i++) await listener.line(hears(from + i));
  const during = listener.lines.slice(from);
  await flooder.leave();
  await talker.leave();
  const total = await listener.leave();
  const gap = Math.max(...during.map((line) => line.audio_gap_ms));
  const most = Math.max(...during.map((line) => line.bytes_in * 8));
  t.diagnostic(`longest gap ${Math.round(gap)} ms, at most ${Math.round(most / 1e6)} Mbit/s came`);
  assert.ok(gap < 500, `longest gap ${gap} ms`);
  assert.ok(most < 20_000_000, `${most} bit/s`);
  assert.equal(total.failed, 0);
});
