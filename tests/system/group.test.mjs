// Meetings with a group (docs/protocol.md): a host lets people in, and decides over them, with the
// real server and the real media worker:
//
//   host, guests (incamera-client --control) ---- WebSocket ---- incamera serve
//          \---------------------- UDP -------------------------- incamera-media
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, MEDIA } from "./lib/client.mjs";
import { makeFolder, program, Server } from "./lib/server.mjs";

const AV = ["--pattern", 300_000, "--tone"];
const { folder, remove } = makeFolder();
let server;
const running = new Set();

before(async () => {
  server = await Server.start(folder, MEDIA);
});
after(async () => {
  for (const client of running) client.kill();
  await server.stop();
  remove();
});

function startAddress() {
  const flags = [`--http.listen=127.0.0.1:${server.port}`, `--store.path=${folder}/store/incamera.db`];
  return execFileSync(program, ["start-address", ...flags]).toString().trim();
}

function client(args, habit) {
  const made = new Client([...args, "--control"], habit);
  running.add(made);
  made.exited.then(() => running.delete(made));
  return made;
}

const newHost = (...args) => client(["--start", startAddress(), "--group", "--name", "host", ...args]);

/** Everybody is in the group and gets sound and pictures. */
const seesAndHears = (each) => each.line((line) => line.video_in > 20 && line.audio_in > 40);

async function leaveAll(...clients) {
  const totals = [];
  for (const each of clients) totals.push(await each.leave());
  return totals;
}

test("a host and two guests see and hear each other", async () => {
  const host = newHost("--admit", ...AV);
  const link = await host.link();
  const guests = ["Sam", "Layla"].map((name) => client([link, "--name", name, ...AV]));
  for (const each of [host, ...guests]) {
    await seesAndHears(each);
    await each.line((line) => line.people === 2 && line.video_in >= 40 && line.audio_in >= 80);
  }
  for (const total of await leaveAll(...guests, host)) assert.equal(total.failed, 0);
});
