// A process that floods a server on this computer: node flood.mjs KIND PORT MS [LINK]. What it did is its one
// line of output. On its own, and at a low priority, since it stands for other computers: it must not take
// the processor from those whom it attacks.
import { hkdfSync, randomBytes } from "node:crypto";
import dgram from "node:dgram";
import net from "node:net";
import os from "node:os";
import tls from "node:tls";
import { open } from "./websocket.mjs";

os.setPriority(10);
const [kind, port, ms] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
let end;
const over = () => performance.now() >= end;
const later = (time) => new Promise((resolve) => setTimeout(resolve, time));
const done = { count: 0, bytes: 0, came: 0 };

/* ---- datagrams ---- */

const DATAGRAMS_A_SECOND = 20_000;

async function datagrams(make) {
  const sockets = Array.from({ length: 64 }, () => dgram.createSocket("udp4"));
  for (const socket of sockets) socket.on("message", (bytes) => (done.came += bytes.length)).on("error", () => {});
  const from = performance.now();
  while (!over()) {
    const due = ((performance.now() - from) / 1000) * DATAGRAMS_A_SECOND;
    for (; done.count < due; done.count++) sockets[done.count % 64].send(make(done.count), port, "127.0.0.1");
    await later(1);
  }
  await later(100);
  for (const socket of sockets) socket.close();
}

const TYPES = [22, 21, 20, 23, 24, 63];

function hello(i) {
  const head = Buffer.from([TYPES[i % 6], 0xfe, [0xfd, 0xff, 0xfc][i % 3], 0, i % 2, 0, 0, 0, 0, 0, i & 255, 0, 60]);
  return Buffer.concat([head, Buffer.from([1]), Buffer.alloc(59)]);
}

/** A check for a name that nobody has: a lookup in vain. */
function check() {
  const name = Buffer.from(`${randomBytes(6).toString("hex")}:peer`.padEnd(20, "x"));
  const head = Buffer.from([0, 1, 0, name.length + 4, 0x21, 0x12, 0xa4, 0x42]);
  return Buffer.concat([head, randomBytes(12), Buffer.from([0, 6, 0, name.length]), name]);
}

function media(i) {
  return Buffer.concat([Buffer.from([0x80, i % 4 ? 111 : 200, i >> 8, i & 255].map((b) => b & 255)), randomBytes(100)]);
}

const GARBAGE = Array.from({ length: 256 }, (_, first) => Buffer.concat([Buffer.from([first]), randomBytes(first % 40)]));
const OVERSIZE = randomBytes(9000);

/* ---- connections ---- */

/** Keeps `most` connections that `begin` makes, and makes new ones for those that end. */
async function connections(most, begin) {
  const live = new Set();
  while (!over()) {
    for (let i = 0; i < 64 && live.size < most; i++) {
      const socket = begin();
      done.count++;
      live.add(socket);
      socket.on("error", () => {}).on("close", () => live.delete(socket));
    }
    await later(1);
  }
  for (const socket of live) socket.destroy();
}

const plain = () => net.connect(port, "127.0.0.1");
const secure = (more) => tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...more });

function opened() {
  const socket = plain();
  return socket.on("connect", () => socket.destroy());
}

/** What a client says first: a record that is not all there. */
function halfHello() {
  const socket = plain();
  return socket.on("connect", () => socket.write(Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3, 1, 2, 3])));
}

function shaken() {
  const socket = secure();
  return socket.on("secureConnect", () => socket.destroy());
}

/** Asks for all there is, and reads nothing. */
function greedy() {
  const socket = secure({ ALPNProtocols: ["http/1.1"] });
  socket.on("secureConnect", () => {
    socket.pause();
    socket.write("GET /app.js HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(20));
  });
  return socket;
}

/* ---- WebSockets ---- */

/** `most` at once say what `say` makes them say, and come back when they are closed. */
async function sockets(most, say, options = {}) {
  const one = async () => {
    while (!over()) {
      try {
        const client = await open(port, { secure: true, ...options });
        done.count++;
        await say(client);
        await Promise.race([client.closed, later(Math.max(0, end - performance.now()))]);
        client.drop();
      } catch {
        await later(5);
      }
    }
  };
  await Promise.all(Array.from({ length: most }, one));
}

const DEEP = `{"type":"join","meeting":${"[".repeat(60_000)}`;
const WIDE = `{${Array.from({ length: 5000 }, (_, i) => `"k${i}":1`).join(",")}}`;

/** The head of a frame of 100 MiB, and as much of it as is taken. */
async function huge(client) {
  client.raw(Buffer.concat([Buffer.from([0x81, 0xff, 0, 0, 0, 0, 6, 0x40, 0, 0, 1, 2, 3, 4]), Buffer.alloc(100_000)]));
}

const STRANGERS = 40; // at once, behind one address
const KNOCKS = { each: 10, all: 2000, withinMs: 20_000 }; // a decent one knocks once

/** Somebody who has the link, and so knows which knock the host has to look into; nothing opens it. */
function stranger() {
  const [address, fragment] = process.argv[5].split("#");
  const secret = Buffer.from(fragment, "base64url").subarray(1, 33);
  const id = address.slice(address.lastIndexOf("/") + 1);
  const of = (what, length) => Buffer.from(hkdfSync("sha256", secret, "", Buffer.concat([Buffer.from(what[0]), ...what.slice(1)]), length));
  const tag = of(["incamera 2 tag", Buffer.from(id, "base64url")], 8);
  const join = { type: "join", meeting: id, proof: of(["incamera 2 admission"], 32).toString("base64url") };
  const sealed = Buffer.concat([tag, Buffer.from([8]), randomBytes(8 * 1152 + 1024 + 16)]).toString("base64url");
  const knock = JSON.stringify({ type: "knock", sealed });
  Object.assign(done, { knocks: 0, refused: 0, reached: 0 });
  return async (client) => {
    client.send(join);
    for (let i = 0; i < KNOCKS.each; i++) client.send(knock);
    const answers = () => client.all.filter(({ type, code }) => type === "replied" || code === "too_fast");
    await client.hear(() => answers().length === KNOCKS.each, 5000).catch(() => {});
    client.send({ type: "leave" });
    await client.closed;
    done.knocks += KNOCKS.each;
    done.refused += answers().filter(({ code }) => code).length;
    done.reached += answers().filter(({ type }) => type === "replied").length;
    if (done.knocks >= KNOCKS.all) end = 0;
  };
}

/* ---- HTTP/2 ---- */

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const GET = Buffer.concat([Buffer.from([0x82, 0x84, 0x87, 0x01, 9]), Buffer.from("localhost")]);
const GET_FILE = Buffer.concat([Buffer.from([0x82, 0x04, 7]), Buffer.from("/app.js"), Buffer.from([0x87, 0x01, 9]), Buffer.from("localhost")]);

function frame(type, flags, stream, payload = Buffer.alloc(0)) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const [DATA, HEADERS, PRIORITY, RESET, SETTINGS, PING, WINDOW, CONTINUATION] = [0, 1, 2, 3, 4, 6, 8, 9];
const CANCEL = Buffer.from([0, 0, 0, 8]);

/** Writes what `next` makes, as fast as it is taken, over `most` connections. `reads` false: what comes back waits. */
async function http2(most, next, reads = true) {
  await connections(most, () => {
    const socket = secure({ ALPNProtocols: ["h2"] });
    let i = 0;
    const push = () => {
      while (!over() && !socket.destroyed) {
        const piece = Buffer.concat(Array.from({ length: 50 }, () => next(i++)));
        done.bytes += piece.length;
        if (!socket.write(piece)) return;
      }
    };
    socket.on("secureConnect", () => {
      if (reads) socket.on("data", (data) => (done.came += data.length));
      else socket.pause();
      socket.write(Buffer.concat([PREFACE, frame(SETTINGS, 0, 0)]));
      push();
    });
    return socket.on("drain", push);
  });
}

const rapidReset = (i) => Buffer.concat([frame(HEADERS, 5, 2 * i + 1, GET), frame(RESET, 0, 2 * i + 1, CANCEL)]);
const manyRequests = (i) => frame(HEADERS, 5, 2 * i + 1, GET_FILE);
const header = Buffer.concat([Buffer.from([0x00, 4]), Buffer.from("x-ab"), Buffer.from([0x7f, 0x80, 0x06]), Buffer.alloc(895, 97)]);
const continuation = (i) => (i === 0 ? frame(HEADERS, 1, 1, GET) : frame(CONTINUATION, 0, 1, header));
const emptyContinuation = (i) => (i === 0 ? frame(HEADERS, 1, 1, GET) : frame(CONTINUATION, 0, 1));
const settings = (i) => frame(SETTINGS, 0, 0, Buffer.from([0, 4, 0, 0, 255, i & 255]));
const ping = () => frame(PING, 0, 0, Buffer.alloc(8));
const emptyData = (i) => (i === 0 ? frame(HEADERS, 4, 1, GET) : frame(DATA, 0, 1));
const priority = (i) => frame(PRIORITY, 0, 2 * (i % 1000) + 1, Buffer.from([0, 0, 0, 0, i & 255]));
const window = (i) => frame(WINDOW, 0, 0, Buffer.from([0, 0, 0, (i & 1) + 1]));

const kinds = {
  hello: () => datagrams(hello),
  check: () => datagrams(check),
  media: () => datagrams(media),
  garbage: () => datagrams((i) => GARBAGE[i % 256]),
  oversize: () => datagrams(() => OVERSIZE),
  connect: () => connections(200, opened),
  "half-open": () => connections(2000, plain),
  "half-hello": () => connections(2000, halfHello),
  handshake: () => connections(64, shaken),
  greedy: () => connections(300, greedy),
  messages: () => sockets(20, (client) => { for (let i = 0; i < 300; i++) client.send({ type: "live", microphone: true }); }),
  deep: () => sockets(20, (client) => client.send(DEEP)),
  wide: () => sockets(20, (client) => client.send(WIDE)),
  huge: () => sockets(20, huge),
  idle: () => sockets(200, () => {}),
  knock: () => {
    end = performance.now() + KNOCKS.withinMs; // so many, however busy the computer is
    return sockets(STRANGERS, stranger(), { localAddress: "127.0.1.1" });
  },
  "rapid-reset": () => http2(8, rapidReset),
  "many-requests": () => http2(20, manyRequests, false),
  continuation: () => http2(8, continuation),
  "empty-continuation": () => http2(8, emptyContinuation),
  settings: () => http2(8, settings, false),
  ping: () => http2(8, ping, false),
  "empty-data": () => http2(8, emptyData),
  priority: () => http2(8, priority),
  window: () => http2(8, window),
};

end = performance.now() + ms;
await kinds[kind]();
console.log(JSON.stringify(done));
process.exit(0);
