// A server behind a proxy: whose word about the asker's address is believed. Wrong links cost an address,
// so what the next wrong one costs tells whose they were.
//
//   test (as a proxy, or as a client that pretends) ──127.0.0.1──> incamera serve
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { makeFolder, Server } from "./lib/server.mjs";
import { handshake, open } from "./lib/websocket.mjs";

const PUBLIC = "--http.public_url=https://meet.example.org";
const LEAST = 1500; // what a wrong link costs who has not tried many
const TRIES = 80; // more than an address has; one comes back each second

/** Tries a link that is wrong. */
function tryWrong(client) {
  const [meeting, proof] = [16, 32].map((size) => randomBytes(size).toString("base64url"));
  client.send({ type: "join", meeting, proof });
}

/** Whether one wrong link costs `then` the least, right after `first` had used up its tries. */
async function isFresh(flags, first, then) {
  const own = makeFolder();
  const server = await Server.start(own.folder, flags);
  const many = await Promise.all(Array.from({ length: TRIES }, () => open(server.port, { headers: first })));
  const one = await open(server.port, { headers: then });
  for (const client of many) tryWrong(client);
  await later(50);
  tryWrong(one);
  const cost = (await one.hear("error")).retry_after;
  for (const client of [...many, one]) client.drop();
  await server.stop();
  own.remove();
  return cost === LEAST;
}

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const asked = (list) => ({ "X-Forwarded-For": list });

describe("X-Forwarded-For", () => {
  test("from a trusted proxy tells its clients apart", async () => {
    const flags = [PUBLIC, "--http.trusted_proxies=127.0.0.1"];
    assert.equal(await isFresh(flags, asked("198.51.100.1"), asked("198.51.100.2")), true);
    assert.equal(await isFresh(flags, asked("198.51.100.1"), asked("198.51.100.1")), false);
  });

  test("that a client sent through a trusted proxy changes nothing", async () => {
    const flags = [PUBLIC, "--http.trusted_proxies=127.0.0.1"];
    const pretend = asked("203.0.113.7, 198.51.100.1");
    assert.equal(await isFresh(flags, asked("198.51.100.1"), pretend), false);
    const [one, two] = [asked("198.51.100.1"), { "X-Forwarded-For": "203.0.113.7\r\nX-Forwarded-For: 198.51.100.1" }];
    assert.equal(await isFresh(flags, one, two), false, "in two headers");
  });

  test("from anybody else changes nothing", async () => {
    for (const flags of [[], [PUBLIC], [PUBLIC, "--http.trusted_proxies=192.0.2.1, 2001:db8::1"]])
      assert.equal(await isFresh(flags, asked("198.51.100.1"), asked("198.51.100.2")), false, `${flags}`);
  });
});

describe("a server with a public address", () => {
  const own = makeFolder();
  let server;
  before(async () => {
    server = await Server.start(own.folder, [PUBLIC, "--http.trusted_proxies=127.0.0.1"]);
  });
  after(async () => {
    await server.stop();
    own.remove();
  });

  test("takes WebSockets of that Origin, and names it in its start address", async () => {
    const { status, socket } = await handshake(server.port, { origin: "https://meet.example.org" });
    assert.equal(status, 101);
    socket.destroy();
    assert.equal((await handshake(server.port, { origin: "https://evil.example" })).status, 403);
    assert.match(server.startAddress, /^https:\/\/meet\.example\.org\/start#/);
  });

  test("sends HSTS through the proxy that adds TLS", async () => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/`);
    assert.equal(answer.headers.get("strict-transport-security"), "max-age=31536000");
  });
});
