// The control process as a whole, with a worker that only says it is ready:
//
//   test (WebSocket, HTTP) ──loopback──> incamera serve ──socketpair──> fake_worker
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import path from "node:path";
import { after, before, test } from "node:test";
import { begin, blob, commit, dropAll, gather, hash, knockAt, later, makeMeeting, resume, text, wait } from "./lib/meeting.mjs";
import { makeFolder, PAGE, program, SCRIPT, Server } from "./lib/server.mjs";
import { handshake, open } from "./lib/websocket.mjs";

let files;
let server;
let idle; // never joins; what became of it is for the last of these tests, so that nobody waits for it alone
before(async () => {
  files = makeFolder();
  server = await Server.start(files.folder);
  const [client, from] = [await open(server.port), performance.now()];
  idle = client.closed.then((code) => ({ code, ms: performance.now() - from }));
});
after(async () => {
  await server.stop();
  files.remove();
});

/** Waits until the process is gone, or only its entry is left for a parent that does not ask. */
async function ended(pid) {
  for (let tries = 0; tries < 20; tries++) {
    const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, "latin1") : ") Z";
    if (/\) [ZX]/.test(stat)) return;
    await later(50);
  }
  assert.fail("the worker is still there");
}

const ICE = { ufrag: "abcd", pwd: "abcdefghijklmnopqrstuv" };
const AUDIO = { codec: "opus", pt: 111, extensions: { mid: 4, twcc: 3 } };
const VIDEO = { codec: "vp8", pt: 96, rtx: 97, extensions: { mid: 4, twcc: 3, orientation: 7 } };
function offer(connection = 1, ice = ICE) {
  return {
    type: "connect",
    connection,
    ice,
    fingerprint: text(Buffer.alloc(32, 1)),
    lines: [
      { mid: "0", stream: "microphone", ...AUDIO },
      { mid: "1", stream: "camera", layers: ["l", "m", "h"], ...VIDEO },
      { mid: "2", slot: "voice", ...AUDIO },
      { mid: "3", slot: "tile", ...VIDEO },
    ],
  };
}

async function connect(client, connection, ice) {
  client.send(offer(connection, ice));
  return client.hear("answer");
}

function get(pathname, { method = "GET", headers = {}, port = server.port } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port, path: pathname, method, headers }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
    });
    request.on("error", reject);
    request.end();
  });
}

const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src 'self'; media-src 'self' blob:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types incamera",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
};

function checkHeaders(headers, what) {
  for (const [name, value] of Object.entries(HEADERS)) assert.equal(headers[name], value, `${what}: ${name}`);
  const policy = headers["permissions-policy"];
  for (const feature of ["camera", "microphone", "display-capture", "speaker-selection", "fullscreen"])
    assert.match(policy, new RegExp(`(^|, )${feature}=\\(self\\)`), `${what}: ${feature}`);
  for (const feature of ["geolocation", "usb", "payment", "bluetooth"])
    assert.match(policy, new RegExp(`(^|, )${feature}=\\(\\)`), `${what}: ${feature}`);
  assert.equal(headers["set-cookie"], undefined, what);
}

// Pages

test("the page is served at /, /start and /MEETING, its files by name, and nothing else", async () => {
  for (const page of ["/", "/start", "/AAECAwQFBgcICQoLDA0ODw"]) {
    const { status, body, headers } = await get(page);
    assert.equal(status, 200, page);
    assert.equal(body.toString(), PAGE);
    assert.equal(headers["content-type"], "text/html; charset=utf-8");
  }
  const script = await get("/app.js");
  assert.equal(script.body.toString(), SCRIPT);
  for (const wrong of ["/.hidden.js", "/nothing", "/..%2f..%2fetc/passwd", "/store/incamera.db", "/ws"])
    assert.equal((await get(wrong)).status, 404, wrong);
  assert.equal((await get("/", { method: "POST" })).status, 405);
  const head = await get("/app.js", { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(head.headers["content-length"], String(SCRIPT.length));
});

test("every answer carries the strict headers", async () => {
  checkHeaders((await get("/")).headers, "a page");
  checkHeaders((await get("/app.js")).headers, "a script");
  checkHeaders((await get("/nothing")).headers, "404");
  checkHeaders((await get("/", { method: "DELETE" })).headers, "405");
  checkHeaders((await handshake(server.port, { origin: "https://evil.example" })).headers, "403");
  assert.equal((await get("/")).headers["strict-transport-security"], undefined);
});

test("a known ETag is answered with 304", async () => {
  const { headers } = await get("/app.js");
  const again = await get("/app.js", { headers: { "if-none-match": headers.etag } });
  assert.equal(again.status, 304);
  assert.equal(again.body.length, 0);
  assert.equal((await get("/app.js", { headers: { "if-none-match": '"other"' } })).status, 200);
});

// WebSockets

test("a foreign or null Origin is refused with 403 before the upgrade (A19)", async () => {
  for (const origin of ["https://evil.example", "null", `https://localhost:${server.port}`, "http://localhost"])
    assert.equal((await handshake(server.port, { origin })).status, 403, origin);
  for (const origin of [`http://localhost:${server.port}`, `http://127.0.0.1:${server.port}`, undefined]) {
    const { status, socket } = await handshake(server.port, { origin });
    assert.equal(status, 101, String(origin));
    socket.destroy();
  }
});

test("another subprotocol, none, or another path is no WebSocket", async () => {
  assert.equal((await handshake(server.port, { protocol: "other" })).status, 400);
  assert.equal((await handshake(server.port, { protocol: null })).status, 400);
  assert.equal((await handshake(server.port, { path: "/" })).status, 404);
  assert.equal((await handshake(server.port, { path: "/ws2" })).status, 404);
});

test("each way to break the channel is closed with its code", async () => {
  const deep = `{"type":"message","sealed":${"[".repeat(8)}1${"]".repeat(8)}}`;
  const ways = [
    ["not JSON", (c) => c.send("hello"), 1008],
    ["too deep", (c) => c.send(deep), 1008],
    ["a duplicate key (A10)", (c) => c.send('{"type":"leave","type":"leave"}'), 1008],
    ["an unknown key", (c) => c.send('{"type":"leave","why":1}'), 1008],
    ["an unknown type (PRV-06)", (c) => c.send('{"type":"attention"}'), 1008],
    ["not now", (c) => c.send({ type: "leave" }), 1008],
    ["not UTF-8", (c) => c.frame("text", Buffer.from([0x22, 0xff, 0x22])), 1007],
    ["binary", (c) => c.frame("binary", "{}"), 1003],
    ["too big", (c) => c.send(" ".repeat(65537)), 1009],
  ];
  for (const [what, act, code] of ways) {
    const client = await open(server.port);
    act(client);
    if (code === 1008) assert.equal((await client.hear("error")).code, "bad_message", what);
    assert.equal(await client.closed, code, what);
  }
});

test("the size limit counts over fragments, and a message in fragments is one message", async () => {
  const client = await open(server.port);
  client.frame("text", '{"type":"create",', false);
  client.frame("more", `"start":"${text(randomBytes(32))}","admission":"${text(randomBytes(32))}",`, false);
  client.frame("more", `"host":"${text(randomBytes(32))}"}`);
  assert.equal((await client.hear("error")).code, "start_used");
  client.frame("text", " ".repeat(40_000), false);
  client.frame("more", " ".repeat(40_000));
  assert.equal(await client.closed, 1009);
});

test("more than 200 messages at once are too fast", async () => {
  const client = await begin(await makeMeeting(server));
  for (let i = 0; i < 260; i++) client.send({ type: "live", streams: [] });
  assert.equal((await client.hear("error")).code, "too_fast");
  assert.equal(await client.closed, 1008);
});

test("a client that answers no ping is gone after 20 seconds, one that does stays", { timeout: 40_000 }, async () => {
  const deaf = await open(server.port);
  const alive = await open(server.port);
  deaf.ignorePings();
  const from = performance.now();
  const isTrial = ({ area, event }) => area === "fake" && event === "remove";
  const [tries, lines] = [await open(server.port), server.log.length];
  tryWays(tries, await makeMeeting(server), 1);
  await tries.hear("tried");
  const tried = performance.now();
  const over = server.logged(isTrial, 15_000, lines).then(() => performance.now() - tried);
  await deaf.closed;
  const took = performance.now() - from;
  assert.ok(took > 15_000 && took < 27_000, `closed after ${took} ms`);
  alive.send({ type: "leave" });
  assert.equal((await alive.hear("error")).code, "bad_message");
  assert.ok(alive.pings >= 1);
  const ms = await over; // a network test ends by itself
  assert.ok(ms > 4900 && ms < 9000, `over after ${ms} ms`);
  tries.drop();
});

test("a thousand requests that never end keep nobody waiting", async () => {
  const slow = Array.from({ length: 1000 }, () => net.connect(server.port, "127.0.0.1"));
  for (const socket of slow) socket.on("error", () => {}).write("GET / HTTP/1.1\r\nHost: localhost\r\n");
  await later(500);
  const from = performance.now();
  const page = await fetch(`http://127.0.0.1:${server.port}/`);
  assert.equal(await page.text(), PAGE);
  const took = performance.now() - from;
  assert.ok(took < 1000, `answered after ${took} ms`);
  for (const socket of slow) socket.destroy();
});

test("sockets that do not join leave room for those that do", async () => {
  const own = makeFolder();
  const small = await Server.start(own.folder, ["--limits.sockets=16"]);
  const meeting = await makeMeeting(small, small.startToken);
  const inside = await begin(meeting);
  const idle = [];
  for (let i = 0; i < 40; i++) {
    idle.push(await open(small.port));
    await later(10);
  }
  assert.equal((await idle[0].hear("error")).code, "full");
  const late = await wait(meeting);
  inside.send({ type: "leave" });
  assert.equal(await inside.closed, 1000, "who has joined stays");
  for (const client of [...idle, late]) client.drop();
  await small.stop();
  own.remove();
});

const wasClosed = async (client) => {
  client.resumeReading();
  const code = await client.closed;
  assert.ok(code === 1008 || code === 1006, String(code));
};

test("one who waits and stops reading is closed when a megabyte waits for it", { timeout: 30_000 }, async () => {
  const meeting = await makeMeeting(server);
  const slow = await wait(meeting);
  slow.stopReading();
  const [host, ...others] = await gather(meeting, 9);
  for (const { participant } of others) host.send({ type: "keeper", participant, keeper: true });
  await later(100);
  const reply = { type: "reply", participant: slow.participant, sealed: blob(4096), final: false };
  for (const keeper of [host, ...others]) for (let i = 0; i < 180; i++) keeper.send(reply);
  await later(4000);
  await wasClosed(slow);
  assert.ok(slow.leftOver().length < 10 * 180, "what waited was thrown away");
  dropAll(host, ...others);
});

test("a member that stops reading is closed when 24 megabytes wait for it", { timeout: 60_000 }, async () => {
  const meeting = await makeMeeting(server);
  const [slow, ...others] = (await gather(meeting, 3)).reverse();
  slow.stopReading();
  const last = 30;
  for (let epoch = 1; epoch <= last; epoch++) await commit(others[epoch % others.length], epoch, { sealed: blob(1_100_000) });
  await wasClosed(slow);
  const heard = slow.leftOver().filter(({ type }) => type === "committed");
  assert.ok(heard.length < last, "what waited was thrown away");
  dropAll(...others);
});

// Meetings

test("a meeting is made by a start token, once", async () => {
  const client = await open(server.port);
  const proof = hash(randomBytes(32));
  client.send({ type: "create", start: server.startToken, admission: proof, host: proof });
  assert.match((await client.hear("created")).meeting, /^[A-Za-z0-9_-]{22}$/);
  client.send({ type: "create", start: server.startToken, admission: proof, host: proof });
  assert.equal((await client.hear("error")).code, "start_used");
  client.drop();
});

test("a wrong meeting and a wrong proof get the same answer after the same time (ACC-09)", async () => {
  const real = await makeMeeting(server);
  const wrong = { meeting: { ...real, meeting: text(randomBytes(16)) }, proof: { ...real, proof: text(randomBytes(32)) } };
  const times = { meeting: [], proof: [] };
  const answers = new Set();
  for (let round = 0; round < 8; round++)
    for (const [what, { meeting, proof }] of Object.entries(wrong)) {
      const client = await open(server.port);
      const from = performance.now();
      client.send({ type: "join", meeting, proof });
      answers.add(JSON.stringify(await client.hear("error")));
      times[what].push(performance.now() - from);
      client.drop();
    }
  assert.deepEqual([...answers], ['{"type":"error","code":"no_entry","retry_after":1500}']);
  const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
  assert.ok(Math.min(...times.meeting, ...times.proof) >= 195, "no answer before the fixed delay");
  assert.ok(Math.abs(mean(times.meeting) - mean(times.proof)) < 60, JSON.stringify(times));
});

/** Asks whether media would get through, by `ways` ways. */
function tryWays(client, { meeting, proof }, ways = 3) {
  const ice = (i) => ({ ufrag: `abc${i}`, pwd: ICE.pwd });
  const said = { type: "try", meeting, proof, fingerprint: text(Buffer.alloc(32, 1)) };
  client.send({ ...said, ways: Array.from({ length: ways }, (_, i) => ice(i)) });
}

test("ACC-09: the network test is for who has the link, and a wrong link costs it what it costs at the door", async (t) => {
  const own = makeFolder();
  const other = await Server.start(own.folder); // its throttle is not yet used up
  t.after(async () => {
    await other.stop();
    own.remove();
  });
  const real = await makeMeeting(other);
  const ask = async (link) => {
    const client = await open(other.port);
    const from = performance.now();
    tryWays(client, link);
    return { client, said: await client.hear("error"), ms: performance.now() - from };
  };
  for (const wrong of [{ ...real, proof: text(randomBytes(32)) }, { ...real, meeting: text(randomBytes(16)) }]) {
    const { client, said, ms } = await ask(wrong);
    assert.deepEqual(said, { type: "error", code: "no_entry", retry_after: 1500 });
    assert.ok(ms >= 195, `${ms} ms`);
    client.drop();
  }
  const answer = ({ type }) => type === "error" || type === "tried";
  let last;
  for (let turn = 0; turn < 5 && last?.code !== "no_entry"; turn++) { // a try comes back each second, and the machine may be slow
    const clients = await Promise.all(Array.from({ length: 66 }, () => open(other.port)));
    const asks = clients.slice(1);
    for (const client of asks) tryWays(client, { ...real, proof: text(randomBytes(32)) });
    await Promise.all(asks.map((client) => client.hear(answer, 20_000)));
    tryWays(clients[0], real);
    last = await clients[0].hear(answer, 20_000);
    dropAll(...clients);
  }
  assert.equal(last.code, "no_entry", "and is not even listened to");
});

test("the network test is once a socket, which may join afterwards, and names as many ways as were asked for", async () => {
  const real = await makeMeeting(server);
  const client = await open(server.port);
  tryWays(client, real, 2);
  const tried = await client.hear("tried");
  assert.equal(tried.ways.length, 2);
  assert.notEqual(tried.ways[0].ufrag, tried.ways[1].ufrag);
  assert.deepEqual([tried.only, tried.servers], [false, []]);
  assert.ok(tried.candidates.some(({ protocol }) => protocol === "tcp"));
  client.send({ type: "join", meeting: real.meeting, proof: real.proof });
  await client.hear("waiting");
  client.drop();
  const greedy = await open(server.port);
  tryWays(greedy, real);
  await greedy.hear("tried");
  tryWays(greedy, real);
  assert.equal((await greedy.hear("error")).code, "too_fast");
  assert.equal(await greedy.closed, 1008);
});

test("200 network tests go on at once, and the next has to wait", async (t) => {
  const own = makeFolder();
  const busy = await Server.start(own.folder);
  t.after(async () => {
    await busy.stop();
    own.remove();
  });
  const link = await makeMeeting(busy);
  const clients = await Promise.all(Array.from({ length: 201 }, () => open(busy.port)));
  for (const client of clients) tryWays(client, link, 1);
  const said = await Promise.all(clients.map((client) => client.hear(({ type }) => type === "tried" || type === "error")));
  const refused = said.filter(({ type }) => type === "error");
  assert.deepEqual(refused, [{ type: "error", code: "no_media", retry_after: 3000 }]);
  dropAll(...clients);
});

test("a lost socket comes back as the same participant, and the older one makes way", async () => {
  const meeting = await makeMeeting(server);
  const layla = await begin(meeting);
  layla.drop();
  await later(50);
  const again = await resume(meeting, layla, { epoch: 0 });
  assert.equal(again.participant, layla.participant);
  const elsewhere = await resume(meeting, layla, { epoch: 0 });
  assert.equal(elsewhere.participant, layla.participant);
  assert.equal(await again.closed, 4001);
  const stranger = await wait(meeting, { resume: blob(32) });
  assert.notEqual(stranger.participant, layla.participant);
  dropAll(elsewhere, stranger);
});

/** A store as the program before this one left it, with a meeting that has no group. */
function storeOfFirstStage(folder, meeting, proof) {
  mkdirSync(`${folder}/store`);
  execFileSync("sqlite3", [
    `${folder}/store/incamera.db`,
    `CREATE TABLE meeting (id BLOB PRIMARY KEY CHECK (length(id) = 16), host BLOB NOT NULL CHECK (length(host) = 32), created INTEGER NOT NULL, has_group INTEGER NOT NULL DEFAULT 0, card TEXT) STRICT, WITHOUT ROWID;
     CREATE TABLE start_token (hash BLOB PRIMARY KEY CHECK (length(hash) = 32), created INTEGER NOT NULL, used INTEGER) STRICT, WITHOUT ROWID;
     CREATE TABLE admission (meeting BLOB NOT NULL CHECK (length(meeting) = 16), hash BLOB NOT NULL CHECK (length(hash) = 32), PRIMARY KEY (meeting, hash)) STRICT, WITHOUT ROWID;
     INSERT INTO meeting VALUES (x'${meeting.toString("hex")}', zeroblob(32), 1, 0, NULL);
     INSERT INTO admission VALUES (x'${meeting.toString("hex")}', x'${Buffer.from(hash(proof), "base64url").toString("hex")}');
     PRAGMA user_version = 2`,
  ]);
}

test("a meeting of the first stage is refused like one that never was, and so is what its clients say", async () => {
  const own = makeFolder();
  const [meeting, proof] = [randomBytes(16), randomBytes(32)];
  storeOfFirstStage(own.folder, meeting, proof);
  const newer = await Server.start(own.folder);
  const from = performance.now();
  const late = await knockAt({ meeting: text(meeting), proof: text(proof), on: newer });
  assert.deepEqual(await late.hear("error"), { type: "error", code: "no_entry", retry_after: 1500 });
  assert.ok(performance.now() - from >= 195);
  const client = await open(newer.port);
  const create = { type: "create", start: newer.startToken, admission: blob(32), host: blob(32) };
  client.send({ ...create, group: false });
  assert.equal((await client.hear("error")).code, "bad_message");
  assert.equal(await client.closed, 1008);
  const host = await begin(await makeMeeting(newer, newer.startToken));
  host.send({ type: "announce", sealed: blob() });
  assert.equal((await host.hear("error")).code, "bad_message");
  assert.equal(await host.closed, 1008);
  late.drop();
  await newer.stop();
  own.remove();
});

// Media paths

test("an offer is answered with our credentials, candidates and an SSRC pair per slot", async () => {
  const client = await begin(await makeMeeting(server));
  const answer = await connect(client, 1);
  assert.equal(answer.connection, 1);
  assert.equal(answer.fingerprint, text(Buffer.alloc(32, 0xab)));
  assert.ok(answer.candidates.some(({ protocol }) => protocol === "udp"));
  assert.ok(answer.candidates.some(({ protocol }) => protocol === "tcp"));
  assert.ok(answer.candidates.every(({ port }) => port === 4242));
  const [microphone, camera, voice, tile] = answer.lines;
  assert.deepEqual(microphone, { mid: "0", extensions: ["mid", "twcc"] });
  assert.equal(camera.ssrc, undefined);
  assert.ok(voice.ssrc > 0 && voice.rtx_ssrc === undefined);
  assert.ok(tile.ssrc > 0 && tile.rtx_ssrc > 0 && tile.ssrc !== tile.rtx_ssrc);
  client.send({ type: "restart", connection: 1, ice: ICE });
  assert.notEqual((await client.hear("restarted")).ice.ufrag, answer.ice.ufrag);
  client.send(offer(1));
  assert.equal((await client.hear("error")).code, "bad_connection");
  client.send({ type: "restart", connection: 2, ice: ICE });
  assert.equal((await client.hear("error")).code, "bad_connection");
  client.drop();
});

test("slots follow what is live, what is asked for, and who leaves", async () => {
  const [layla, omar] = await gather(await makeMeeting(server), 1);
  await connect(layla, 1);
  await connect(omar, 1);
  omar.send({ type: "live", streams: [{ stream: "microphone" }, { stream: "camera", height: 720 }] });
  const { participant } = omar;
  assert.deepEqual((await layla.hear("slots")).slots, [{ mid: "2", participant, stream: "microphone" }]);
  const from = server.log.length;
  layla.send({ type: "show", slots: [{ mid: "3", participant, stream: "camera", height: 180 }] });
  assert.deepEqual((await layla.hear("slots")).slots, [
    { mid: "2", participant, stream: "microphone" },
    { mid: "3", participant, stream: "camera" },
  ]);
  const pointed = await server.logged((line) => line.event === "point" && line.line === 3, 2000, from);
  assert.equal(pointed.layer, 0);
  assert.equal(pointed.stream, 1);
  const before = server.log.length;
  omar.send({ type: "leave" });
  assert.deepEqual((await layla.hear("slots")).slots, []);
  await server.logged((line) => line.event === "remove" && line.transport === pointed.source, 2000, before);
  layla.drop();
});

test("speaking decides who is heard, only while it is crowded", async () => {
  const [layla, omar, mia] = await gather(await makeMeeting(server), 2);
  for (const client of [layla, omar, mia]) await connect(client, 1);
  for (const client of [omar, mia]) client.send({ type: "live", streams: [{ stream: "microphone" }] });
  assert.equal((await layla.hear("voices")).crowded, true);
  assert.equal((await layla.hear("slots")).slots[0].participant, omar.participant);
  await mia.hear("voices");
  mia.send({ type: "speaking", speaking: true });
  assert.equal((await layla.hear("slots")).slots[0].participant, mia.participant);
  mia.send({ type: "live", streams: [] });
  assert.equal((await layla.hear("voices")).crowded, false);
  for (const client of [layla, omar, mia]) client.drop();
});

test("two who speak without end into one voice slot are heard in turn", async () => {
  const [layla, omar, mia] = await gather(await makeMeeting(server), 2);
  for (const client of [layla, omar, mia]) await connect(client, 1);
  for (const client of [omar, mia]) client.send({ type: "live", streams: [{ stream: "microphone" }] });
  await layla.hear("slots");
  for (const client of [omar, mia]) {
    await client.hear("voices");
    client.send({ type: "speaking", speaking: true });
  }
  // Mia is heard at once if her word overtakes Omar's, so the first change has no least time.
  for (const [heard, least] of [[mia, 0], [omar, 1200], [mia, 1200]]) {
    const from = performance.now();
    assert.equal((await layla.hear("slots", 5000)).slots[0].participant, heard.participant);
    const waited = performance.now() - from;
    assert.ok(waited >= least, `after ${waited} ms`);
  }
  for (const client of [layla, omar, mia]) client.drop();
});

test("a transport that fails means a new connection", async () => {
  const client = await begin(await makeMeeting(server));
  await connect(client, 1, { ...ICE, ufrag: "fails" });
  await client.hear("reconnect");
  assert.equal((await connect(client, 2)).connection, 2);
  client.drop();
});

test("after kill -9 of a worker everybody is told, and a new one takes over", async () => {
  const meeting = await makeMeeting(server);
  const [layla, away] = await gather(meeting, 1);
  await connect(layla, 1);
  await connect(away, 1);
  away.drop();
  const from = server.log.length;
  const { pid } = server.log.findLast((line) => line.area === "workers" && line.event === "ready");
  process.kill(pid, "SIGKILL");
  await layla.hear("reconnect", 2000);
  layla.send(offer(2));
  assert.equal((await layla.hear("error")).code, "no_media");
  const ready = await server.logged((line) => line.area === "workers" && line.event === "ready", 5000, from);
  assert.notEqual(ready.pid, pid);
  assert.equal((await connect(layla, 2)).connection, 2);
  const back = await resume(meeting, away, { epoch: 1 });
  await back.hear("reconnect");
  layla.drop();
  back.drop();
});

/** A server of its own, that gives each person of a meeting another worker while there is one. */
async function startSpread(t, workers) {
  const own = makeFolder();
  const spread = await Server.start(own.folder, [`--media.workers=${workers}`, "--media.people_per_worker=1"]);
  t.after(async () => {
    await spread.stop();
    own.remove();
  });
  return spread;
}

test("a meeting grows over two workers, says what crosses in its order, and outlives one of them", async (t) => {
  const spread = await startSpread(t, 2);
  const pids = () => [0, 1].map((i) => spread.log.findLast(({ area, event, worker }) => area === "workers" && event === "ready" && worker === i).pid);
  const [first, second] = pids();
  const orders = (from) => spread.log.slice(from).filter(({ area }) => area === "fake");
  const said = async (pid, event, from, more = {}) =>
    spread.logged((line) => line.pid === pid && line.event === event && Object.entries(more).every(([key, value]) => line[key] === value), 2000, from);
  for (const [pid, other] of [[first, 1], [second, 0]]) assert.equal((await said(pid, "link", 0)).worker, other);
  assert.ok(orders(0).every(({ event, files }) => event !== "link" || files === 1));

  const [layla, omar, mia] = await gather(await makeMeeting(spread), 2);
  for (const client of [layla, omar, mia]) await connect(client, 1);
  const [of_layla, of_omar] = [await said(first, "add", 0), await said(second, "add", 0)];
  await said(first, "add", 0, { transport: of_omar.transport + 1 }); // the first of two that are as large
  let from = spread.log.length;
  omar.send({ type: "live", streams: [{ stream: "microphone" }, { stream: "camera", height: 720 }] });
  const { participant } = omar;
  await layla.hear("slots");
  await said(first, "point", from, { transport: of_layla.transport, source: of_omar.transport });
  const source = await said(first, "source", from, { transport: of_omar.transport, worker: 1, lines: 2, room: of_layla.room });
  const share = await said(second, "share", from, { transport: of_omar.transport, worker: 0, stream: 0, layers: 1 });
  assert.equal(orders(from).filter(({ event }) => event === "share").length, 1); // for two who hear it
  const place = (line) => spread.log.indexOf(line);
  assert.ok(place(source) < place(spread.log.slice(from).find(({ pid, event }) => pid === first && event === "point")));
  assert.ok(share.room === of_omar.room);

  for (const [height, layers] of [[180, 1], [720, 7], [360, 3]]) {
    from = spread.log.length;
    layla.send({ type: "show", slots: [{ mid: "3", participant, stream: "camera", height }] });
    await said(second, "share", from, { transport: of_omar.transport, stream: 1, layers });
  }
  from = spread.log.length;
  mia.send({ type: "leave" });
  layla.send({ type: "show", slots: [] });
  await said(second, "share", from, { transport: of_omar.transport, stream: 1, layers: 0 });
  omar.send({ type: "live", streams: [] });
  await said(second, "share", from, { transport: of_omar.transport, stream: 0, layers: 0 });
  await said(first, "no source", from, { transport: of_omar.transport });

  omar.send({ type: "live", streams: [{ stream: "microphone" }] });
  await said(first, "source", from, { transport: of_omar.transport });
  from = spread.log.length;
  process.kill(second, "SIGKILL");
  await omar.hear("reconnect", 2000);
  await said(first, "no source", from, { transport: of_omar.transport });
  await connect(omar, 2);
  const back = await said(first, "add", from);
  await said(first, "point", from, { transport: of_layla.transport, source: back.transport });
  assert.ok(!orders(from).some(({ event }) => event === "remove"));
  await spread.logged(({ area, event, worker }) => area === "workers" && event === "ready" && worker === 1, 5000, from);
  const [, again] = pids();
  assert.equal((await said(first, "link", from)).worker, 1);
  assert.equal((await said(again, "link", from)).worker, 0);
  dropAll(layla, omar, mia);
});

test("who shares a worker hears each other by the same lines when the other worker of the meeting dies", async (t) => {
  const spread = await startSpread(t, 2);
  const people = await gather(await makeMeeting(spread), 2);
  const enter = (client, connection) => {
    client.send({ ...offer(connection), lines: [...offer().lines, { mid: "4", slot: "voice", ...AUDIO }] });
    return client.hear("answer");
  };
  for (const client of people) await enter(client, 1);
  const [first, second, third] = await carriers(spread, 3);
  assert.ok(first === third && first !== second);
  const adds = spread.log.filter(({ area, event }) => area === "fake" && event === "add");
  const ids = adds.map(({ transport }) => transport).sort((a, b) => a - b); // two workers log in no order
  const points = (from) => spread.log.slice(from).filter(({ pid, event }) => pid === first && event === "point");
  for (const client of people) client.send({ type: "live", streams: [{ stream: "microphone" }] });
  const wanted = [[0, 1], [0, 2], [2, 0], [2, 1]].map((pair) => pair.map((i) => ids[i]));
  for (const [transport, source] of wanted) await spread.logged((line) => line.event === "point" && line.transport === transport && line.source === source);
  const from = spread.log.length;
  process.kill(second, "SIGKILL");
  await spread.logged(({ pid, event, transport }) => pid === first && event === "no source" && transport === ids[1], 10_000, from);
  const { line: near } = points(0).findLast(({ transport, source }) => transport === ids[0] && source === ids[2]);
  const { line: back } = points(0).findLast(({ transport, source }) => transport === ids[2] && source === ids[0]);
  await people[1].hear("reconnect");
  await enter(people[1], 2);
  people[1].send({ type: "live", streams: [{ stream: "microphone" }] });
  await spread.logged(({ pid, event, transport, source }) => pid === first && event === "point" && transport === ids[0] && source > Math.max(...ids), 10_000, from);
  const changed = points(from).map(({ transport, line }) => `${transport} ${line}`);
  for (const kept of [`${ids[0]} ${near}`, `${ids[2]} ${back}`]) assert.ok(!changed.includes(kept), `${kept} of ${changed}`);
  dropAll(...people);
});

/** The workers of the first `count` media paths, in the order of their transports. */
async function carriers(on, count) {
  const adds = () => on.log.filter(({ area, event }) => area === "fake" && event === "add");
  while (adds().length < count) {
    const from = on.log.length;
    await on.logged(({ area, event }) => area === "fake" && event === "add", 2000, from);
  }
  return adds()
    .sort((a, b) => a.transport - b.transport)
    .map(({ pid }) => pid);
}

test("a meeting that three workers died of is parked, and leaves the one that it has still", async (t) => {
  const spread = await startSpread(t, 4);
  const people = await gather(await makeMeeting(spread), 3);
  for (const client of people) await connect(client, 1);
  const pids = await carriers(spread, 4);
  assert.equal(new Set(pids).size, 4); // each on a worker of his own
  for (const i of [3, 2, 1]) {
    process.kill(pids[i], "SIGKILL");
    await people[i].hear("reconnect", 2000);
  }
  await spread.logged(({ area, event }) => area === "placing" && event === "parked", 2000);
  await people[0].hear("reconnect", 2000);
  await spread.logged(({ area, event, pid }) => area === "fake" && event === "remove" && pid === pids[0], 2000);
  people[0].send(offer(2));
  const { code, retry_after } = await people[0].hear("error");
  assert.deepEqual([code, retry_after], ["no_media", 60_000]);
  dropAll(...people);
});

test("a meeting that a worker died of takes no further worker for a while", async (t) => {
  const spread = await startSpread(t, 3);
  const people = await gather(await makeMeeting(spread), 2);
  for (const client of people.slice(0, 2)) await connect(client, 1);
  const [first, second] = await carriers(spread, 2);
  assert.notEqual(first, second);
  process.kill(second, "SIGKILL");
  await people[1].hear("reconnect", 2000);
  await connect(people[1], 2);
  await connect(people[2], 1);
  assert.deepEqual((await carriers(spread, 4)).slice(2), [first, first]);
  dropAll(...people);
});

test("a worker inherits none of our sockets but its own", async () => {
  const { pid } = server.log.findLast((line) => line.area === "workers" && line.event === "ready");
  const links = execFileSync("ls", ["-l", `/proc/${pid}/fd`]).toString();
  const sockets = [...links.matchAll(/ (\d+) -> socket:/g)].map(([, fd]) => fd).filter((fd) => fd !== "2");
  assert.deepEqual(sockets, ["3"]);
});

// The process

test("SIGTERM tells 20 open sockets and the process is gone within a second", async () => {
  const own = makeFolder();
  const stopping = await Server.start(own.folder);
  const meeting = await makeMeeting(stopping, stopping.startToken);
  const clients = await gather(meeting, 14);
  for (let i = 0; i < 5; i++) clients.push(await wait(meeting));
  const { pid } = stopping.log.findLast((line) => line.area === "workers" && line.event === "ready");
  const { code, ms } = await stopping.stop();
  assert.equal(code, 0);
  assert.ok(ms < 1000, `${ms} ms`);
  for (const client of clients) {
    assert.equal((await client.hear("error")).code, "stopping");
    assert.equal(await client.closed, 1001);
  }
  await ended(pid);
  own.remove();
});

test("SIGTERM ends within a second even when nobody reads or answers", async () => {
  const own = makeFolder();
  const stopping = await Server.start(own.folder);
  for (let i = 0; i < 20; i++) (await open(stopping.port)).stopReading();
  const idle = net.connect(stopping.port, "127.0.0.1");
  idle.on("error", () => {});
  await later(100);
  const { code, ms } = await stopping.stop();
  assert.equal(code, 0);
  assert.ok(ms < 1000, `${ms} ms`);
  idle.destroy();
  own.remove();
});

test("nothing of people or secrets is in the log or the store (ACC-01, ACC-11, SEC-02)", async () => {
  const own = makeFolder();
  const quiet = await Server.start(own.folder, ["--log.level=debug"]);
  const meeting = await makeMeeting(quiet, quiet.startToken);
  const client = await begin(meeting);
  client.send({ type: "message", sealed: text(Buffer.from("canary canary canary")) });
  await connect(client, 1);
  await quiet.stop();
  const log = JSON.stringify(quiet.log);
  const store = execFileSync("sh", ["-c", `cat ${own.folder}/store/*`]).toString("latin1");
  const tables = execFileSync("sqlite3", [`${own.folder}/store/incamera.db`, ".dump"]).toString();
  for (const secret of [meeting.proof, meeting.host, quiet.startToken, client.resume]) {
    assert.ok(!log.includes(secret));
    assert.ok(!store.includes(Buffer.from(secret, "base64url").toString("latin1")));
  }
  for (const secret of ["canary", text(Buffer.from("canary canary canary")), client.participant, ICE.pwd]) {
    assert.ok(!log.includes(secret) && !store.includes(secret), secret);
  }
  assert.ok(!log.includes(meeting.meeting));
  assert.match(tables, /INSERT INTO meeting/);
  own.remove();
});

/** A server with TLS, and an HTTP/2 session with it. */
async function startSecure(folder) {
  const key = path.join(folder, "tls.key");
  const certificate = path.join(folder, "tls.pem");
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"].concat([
      "-subj", "/CN=localhost", "-keyout", key, "-out", certificate,
    ]),
    { stdio: "ignore" },
  );
  const secure = await Server.start(folder, [`--tls.certificate=${certificate}`, `--tls.key=${key}`]);
  const session = http2.connect(`https://127.0.0.1:${secure.port}`, { rejectUnauthorized: false });
  session.on("error", () => {});
  return { secure, session };
}

/** One request of a session, until its stream ends: a stream that stays open is a failure. */
function ask(session, headers, ms = 3000) {
  return new Promise((resolve, reject) => {
    const request = session.request(headers);
    const parts = [];
    let answered;
    const timer = setTimeout(() => reject(new Error(`no end of ${JSON.stringify(headers)}`)), ms);
    request.on("response", (got) => {
      answered = got;
    });
    request.on("data", (part) => parts.push(part));
    request.on("error", reject);
    request.on("end", () => {
      clearTimeout(timer);
      resolve({ status: answered?.[":status"], headers: answered, body: Buffer.concat(parts).toString() });
    });
    request.end();
  });
}

test("TLS brings HTTP/2, HSTS and modern versions only (SEC-21)", async () => {
  const own = makeFolder();
  const { secure, session } = await startSecure(own.folder);
  assert.match(secure.ready.address, /^https:/);
  const script = await ask(session, { ":path": "/app.js" });
  assert.equal(script.status, 200);
  assert.equal(script.body, SCRIPT);
  checkHeaders(script.headers, "HTTP/2");
  assert.equal(script.headers["strict-transport-security"], "max-age=31536000");
  const known = await ask(session, { ":path": "/app.js", "if-none-match": script.headers.etag });
  assert.equal(known.status, 304);
  assert.equal((await ask(session, { ":path": "/app.js", ":method": "HEAD" })).status, 200);
  assert.equal((await ask(session, { ":path": "/nothing" })).status, 404);
  assert.equal((await ask(session, { ":path": "/", ":method": "POST" })).status, 405);
  const many = await Promise.all(Array.from({ length: 12 }, () => ask(session, { ":path": "/app.js" })));
  assert.ok(many.every(({ body }) => body === SCRIPT));
  session.destroy();
  const attempt = (version, ciphers = "ALL:@SECLEVEL=0") =>
    spawnSync("openssl", ["s_client", "-connect", `127.0.0.1:${secure.port}`, version, "-cipher", ciphers], {
      input: "",
    }).stdout.toString();
  assert.match(attempt("-tls1_3"), /TLSv1\.3, Cipher is/);
  assert.match(attempt("-tls1_2"), /TLSv1\.2, Cipher is/);
  assert.match(attempt("-tls1_1"), /Cipher is \(NONE\)/);
  const chained = "ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES128-SHA";
  assert.match(attempt("-tls1_2", chained), /Cipher is \(NONE\)/, "no suite without AEAD");
  await secure.stop();
  own.remove();
});

test("a WebSocket over HTTP/2 (RFC 8441) has the same path and Origin rules", async () => {
  const own = makeFolder();
  const { secure, session } = await startSecure(own.folder);
  const settings = await new Promise((resolve) => session.on("remoteSettings", resolve));
  assert.equal(settings.enableConnectProtocol, true);
  const status = (extra) =>
    new Promise((resolve) => {
      const request = session.request({
        ":method": "CONNECT",
        ":protocol": "websocket",
        ":scheme": "https",
        ":path": "/ws",
        ":authority": `localhost:${secure.port}`,
        "sec-websocket-protocol": "incamera.1",
        "sec-websocket-version": "13",
        origin: `https://localhost:${secure.port}`,
        ...extra,
      });
      request.on("response", (answered) => resolve(answered[":status"]));
      request.on("error", () => resolve("refused"));
      request.on("close", () => resolve("refused"));
      setTimeout(() => resolve("refused"), 1000);
    });
  assert.equal(await status({}), 200);
  assert.equal(await status({ origin: "https://evil.example" }), "refused");
  assert.equal(await status({ origin: "null" }), "refused");
  assert.equal(await status({ ":path": "/other" }), "refused");
  assert.equal(await status({ "sec-websocket-protocol": "other" }), "refused");
  assert.equal(await status({}), 200); // and the connection lives on
  session.destroy();
  await secure.stop();
  own.remove();
});

test("a port that is taken, a missing client and a wrong setting are said in words", async () => {
  const own = makeFolder();
  const held = net.createServer().listen(0);
  const served = [`--web.root=${files.folder}`, "--http.listen=127.0.0.1:0"];
  const run = (...flags) => {
    const { status, stderr } = spawnSync(program, ["serve", `--store.path=${own.folder}/s.db`, ...flags]);
    assert.equal(status, 1);
    return stderr.toString();
  };
  assert.match(run(`--web.root=${own.folder}`, `--http.listen=127.0.0.1:${server.port}`), /cannot_listen.*Address already in use/);
  assert.match(run("--web.root=/nonexistent"), /web\.root: \/nonexistent/);
  assert.match(run(...served, "--media.program=/nonexistent"), /media\.program: \/nonexistent/);
  assert.match(run(...served, "--media.workers=1", `--media.port=${held.address().port}`), /Address already in use[^]*no_media.*media.port free/);
  assert.match(run("--web.root"), /"--web.root" makes no sense; allowed: --section.key=value/);
  const checked = spawnSync(program, ["check-config", "--media.port=70000"]);
  assert.equal(checked.status, 1);
  assert.match(checked.stderr.toString(), /media.port is "70000"; allowed: 0 to 65000/);
  assert.equal(spawnSync(program, ["check-config", `--store.path=${own.folder}/s.db`, ...served]).status, 0);
  held.close();
  own.remove();
});

test("a socket that never joins is closed after a minute", { timeout: 90_000 }, async () => {
  const { code, ms } = await idle;
  assert.equal(code, 1008);
  assert.ok(ms > 59_000 && ms < 70_000, `closed after ${ms} ms`);
});
