// Connections that carry no WebSocket: slow and idle ones make way, the longest idle first, and those
// that do something stay.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import tls from "node:tls";
import { makeFolder, PAGE, Server } from "./lib/server.mjs";
import { open } from "./lib/websocket.mjs";

const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const SLOW = "GET / HTTP/1.1\r\nHost: localhost\r\n";

/** A connection that says `text` and then nothing; `isOpen` tells how it is. */
async function connect(port, from = "127.0.0.1", text = SLOW) {
  const socket = net.connect({ port, host: "127.0.0.1", localAddress: from });
  const connection = { socket, isOpen: true };
  socket.on("error", () => {}).on("close", () => (connection.isOpen = false));
  await new Promise((resolve) => socket.on("connect", resolve));
  if (text) socket.write(text);
  socket.resume();
  return connection;
}

async function connectMany(count, ...how) {
  const all = [];
  for (let i = 0; i < count; i++) all.push(await connect(...how));
  await later(300);
  return all;
}

const openOnes = (all) => all.map(({ isOpen }) => (isOpen ? "o" : "x")).join("");
const drop = (all) => all.forEach(({ socket }) => socket.destroy());

describe("with room for 20 connections, 10 of one address", () => {
  const own = makeFolder();
  const flags = ["--limits.connections=20", "--limits.connections_per_address=10"];
  let server;
  before(async () => {
    server = await Server.start(own.folder, flags);
  });
  after(async () => {
    await server.stop();
    own.remove();
  });

  const page = async (from, agent) =>
    new Promise((resolve, reject) => {
      const how = { host: "127.0.0.1", port: server.port, localAddress: from, agent };
      http
        .get(how, (answer) => {
          let body = "";
          answer.on("data", (data) => (body += data)).on("end", () => resolve(body));
        })
        .on("error", reject);
    });

  test("the oldest slow ones of an address make way for its next", async () => {
    const slow = await connectMany(14, server.port);
    assert.equal(openOnes(slow), "xxxxoooooooooo");
    assert.equal(await page("127.0.0.1"), PAGE);
    drop(slow);
    await later(100);
  });

  test("one address takes nothing from another while there is room, and nobody is kept out when not", async () => {
    const first = await connectMany(10, server.port, "127.0.0.2");
    const second = await connectMany(9, server.port, "127.0.0.3");
    assert.equal(openOnes([...first, ...second]), "o".repeat(19));
    const third = await connectMany(3, server.port, "127.0.0.4");
    assert.equal(openOnes(first), "xxoooooooo");
    assert.equal(openOnes([...second, ...third]), "o".repeat(12));
    assert.equal(await page("127.0.0.5"), PAGE);
    drop([...first, ...second, ...third]);
    await later(100);
  });

  test("who asks for something stays, though it came first", async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    let connections = 0;
    agent.createConnection = (options) => {
      connections++;
      return net.createConnection(options);
    };
    await page("127.0.0.6", agent);
    const all = [];
    for (let i = 0; i < 4; i++) {
      all.push(...(await connectMany(5, server.port, "127.0.0.6")));
      assert.equal(await page("127.0.0.6", agent), PAGE);
    }
    assert.equal(connections, 1);
    agent.destroy();
    drop(all);
    await later(100);
  });

  test("a WebSocket is none of them, and stays", async () => {
    const sockets = [];
    for (let i = 0; i < 12; i++) sockets.push(await open(server.port));
    const slow = await connectMany(14, server.port);
    assert.equal(openOnes(slow), "xxxxoooooooooo");
    for (const socket of sockets) {
      socket.send({ type: "leave" }); // not now: only who is heard is told so
      assert.equal((await socket.hear("error")).code, "bad_message");
    }
    drop(slow);
    await later(100);
  });
});

test("those that never begin with TLS make way too, and one that floods HTTP/2 is cut off", async () => {
  const own = makeFolder();
  const [key, certificate] = ["tls.key", "tls.pem"].map((name) => path.join(own.folder, name));
  const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost"];
  execFileSync("openssl", [...made, "-keyout", key, "-out", certificate], { stdio: "ignore" });
  const server = await Server.start(own.folder, [
    "--limits.connections_per_address=8",
    `--tls.certificate=${certificate}`,
    `--tls.key=${key}`,
  ]);
  const silent = await connectMany(12, server.port, "127.0.0.1", "");
  assert.equal(openOnes(silent), "xxxxoooooooo");
  await new Promise((resolve, reject) => {
    const socket = tls.connect({ host: "127.0.0.1", port: server.port, rejectUnauthorized: false }, resolve);
    socket.on("error", reject).on("secureConnect", () => socket.destroy());
  });
  drop(silent);

  // Who asks for ever more answers, and reads none of them, is cut off.
  const frame = (type, payload) => Buffer.concat([Buffer.from([0, 0, payload.length, type, 0, 0, 0, 0, 0]), payload]);
  const pings = Buffer.concat(Array.from({ length: 60_000 }, () => frame(6, Buffer.alloc(8))));
  const cut = await new Promise((resolve) => {
    const how = { host: "127.0.0.1", port: server.port, rejectUnauthorized: false, ALPNProtocols: ["h2"] };
    const socket = tls.connect(how, () => {
      socket.pause();
      socket.write(Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), frame(4, Buffer.alloc(0)), pings]));
    });
    socket.on("error", () => resolve(true)).on("close", () => resolve(true));
    setTimeout(() => socket.resume(), 2000); // who reads nothing hears of no end either
    setTimeout(() => resolve(false), 4000);
  });
  assert.ok(cut, "a connection that only makes work is cut off");
  await server.stop();
  own.remove();
});
