// TURN: who gets credentials, what they are good for, and what the relay that we describe refuses.
//
//   participants (WebSockets) ---- incamera serve       coturn, packaging/turnserver.conf
//                  10.77.0.1                            10.77.0.1:3478, relays to 10.77.0.1 only
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import tls from "node:tls";
import { after, before, test } from "node:test";
import { Client, SERVER_BEHIND_LINK as HERE } from "./lib/client.mjs";
import { begin, dropAll, letIn, makeMeeting, wait } from "./lib/meeting.mjs";
import { makeFolder, Server } from "./lib/server.mjs";
import { startTurn, TurnClient } from "./lib/turn.mjs";
import { open } from "./lib/websocket.mjs";

const SECRET = "a secret of the test, only for it";
const { folder, remove } = makeFolder();
const secretFile = path.join(folder, "turn.secret");
const url = `turn:${HERE}:3478?transport=udp`;
const turnFlags = [`--turn.urls=${url}`, `--turn.secret_file=${secretFile}`, "--turn.lifetime=600"];
let server;
let relay;

before(async () => {
  writeFileSync(secretFile, `${SECRET}\n`);
  server = await Server.start(folder, turnFlags);
  relay = await startTurn(folder, { address: HERE, media: HERE, secret: SECRET, tlsPort: 443, ...makeCertificate() });
});
after(async () => {
  await relay?.stop();
  await server?.stop();
  remove();
});

/** A certificate made for the test, and its key. */
function makeCertificate() {
  const [certificate, key] = ["turn.pem", "turn.key"].map((name) => path.join(folder, name));
  execFileSync("openssl", [
    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
    "-subj", "/CN=turn.example.org", "-keyout", key, "-out", certificate,
  ], { stdio: "ignore" });
  return { certificate, key };
}

/** The error code of an allocation, and those of permissions for `peers`. */
async function tryRelay(credentials, ...peers) {
  const client = new TurnClient(HERE, credentials);
  const codes = [await client.allocate()];
  for (const peer of peers) codes.push(await client.permit(peer));
  client.close();
  return codes;
}

test("a member hears of the relays before `joined`, with credentials of its own, and who waits does not", async () => {
  const meeting = await makeMeeting(server);
  const host = await begin(meeting);
  const guest = await letIn(meeting, host, 0);
  const waiting = await wait(meeting);
  const told = [host, guest].map(({ all }) => all.find(({ type }) => type === "relays"));
  for (const [i, client] of [host, guest].entries()) {
    const types = client.all.map(({ type }) => type);
    assert.ok(types.indexOf("relays") >= 0 && types.indexOf("relays") < types.indexOf("joined"), types.join());
    assert.equal(told[i].only, false);
    assert.deepEqual(told[i].servers.map((each) => each.url), [url]);
    const [{ username, credential }] = told[i].servers;
    assert.equal(createHmac("sha1", SECRET).update(username).digest("base64"), credential);
    const left = Number(username.split(":")[0]) - Date.now() / 1000;
    assert.ok(left > 590 && left <= 600, `${left} s`);
  }
  assert.notEqual(told[0].servers[0].username, told[1].servers[0].username);
  assert.ok(waiting.all.every(({ type }) => type !== "relays"));
  assert.deepEqual(await tryRelay(told[1].servers[0], HERE), [0, 0]);
  await dropAll(host, guest, waiting);
});

const issue = (username) => ({ username, credential: createHmac("sha1", SECRET).update(username).digest("base64") });
const soon = () => `${Math.floor(Date.now() / 1000) + 600}:0123456789abcdef`;

test("the relay refuses whoever has no credentials of ours, or old ones", async () => {
  assert.deepEqual(await tryRelay(issue(soon())), [0]);
  assert.deepEqual(await tryRelay({ username: soon(), credential: "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" }), [401]);
  assert.deepEqual(await tryRelay(issue(`${Math.floor(Date.now() / 1000) - 10}:0123456789abcdef`)), [401]);
});

test("who tries its network gets credentials of a minute", async () => {
  const { meeting, proof } = await makeMeeting(server);
  const client = await open(server.port);
  const ways = [{ ufrag: "abcd", pwd: "abcdefghijklmnopqrstuv" }];
  client.send({ type: "try", meeting, proof, fingerprint: Buffer.alloc(32, 1).toString("base64url"), ways });
  const [{ username, credential }] = (await client.hear("tried")).servers;
  assert.deepEqual({ username, credential }, issue(username));
  const left = Number(username.split(":")[0]) - Date.now() / 1000;
  assert.ok(left > 50 && left <= 61, `${left} s`);
  client.drop();
});

test("the relay that we describe reaches the media processes and nothing else", async () => {
  const inside = ["127.0.0.1", "0.0.0.0", "10.77.0.2", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1"];
  const outside = ["192.0.2.1", "8.8.8.8"];
  const peers = [...inside, ...outside];
  const [allocated, reaches, ...codes] = await tryRelay(issue(soon()), HERE, ...peers);
  assert.deepEqual([allocated, reaches], [0, 0]);
  for (const [i, code] of codes.entries()) assert.equal(code, 403, peers[i]);
  const ipv6 = ["::", "::1", "::ffff:7f00:1", "::7f00:1", "64:ff9b::a4d:1", "fe80::1", "fd00::1", "2001:db8::1"];
  const [, ...refused] = await tryRelay(issue(soon()), ...ipv6);
  for (const [i, code] of refused.entries()) assert.ok(code === 403 || code === 443, `${ipv6[i]}: ${code}`);
});

test("the relay speaks TLS on the port of the web", async () => {
  const socket = tls.connect({ host: HERE, port: 443, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  assert.match(socket.getProtocol(), /^TLSv1\.[23]$/);
  socket.write(Buffer.from("000300082112a442000102030405060708090a0b0019000411000000", "hex")); // Allocate
  const [answer] = await once(socket, "data");
  assert.equal(answer.readUInt16BE(0), 0x0113); // refused: no credentials
  socket.destroy();
});

test("PRV-11: nobody is told an address of somebody else, whatever is said", async () => {
  const meeting = await makeMeeting(server);
  const host = await begin(meeting);
  const guest = await letIn(meeting, host, 0);
  const ice = { ufrag: "abcd", pwd: "abcdefghijklmnopqrstuv" };
  const audio = { codec: "opus", pt: 111, extensions: { mid: 4, twcc: 3 } };
  const lines = [{ mid: "0", stream: "microphone", ...audio }, { mid: "1", slot: "voice", ...audio }];
  for (const client of [host, guest]) {
    client.send({ type: "connect", connection: 1, ice, fingerprint: Buffer.alloc(32, 1).toString("base64url"), lines });
    await client.hear("answer");
    client.send({ type: "live", streams: [{ stream: "microphone" }] });
  }
  await host.hear(({ type, slots }) => type === "slots" && slots.length === 1);
  host.send({ type: "message", sealed: "AAAA" });
  await guest.hear("message");
  guest.send({ type: "leave" });
  await host.hear("left");
  // The only messages that can hold an address are these two, and both name the servers' own.
  const own = new Set();
  for (const message of [...host.all, ...guest.all]) {
    if (message.type === "answer") for (const { address } of message.candidates) own.add(address);
    else if (message.type !== "relays") assert.doesNotMatch(JSON.stringify(message), /\d+\.\d+\.\d+\.\d+|[0-9a-f]*::[0-9a-f]/);
  }
  assert.deepEqual([...own], server.ready.media.split(" "));
  await dropAll(host, guest);
});

test("a candidate cannot be said: what a client adds to `connect` is refused", async () => {
  const meeting = await makeMeeting(server);
  const host = await begin(meeting);
  host.send({ type: "connect", connection: 1, candidates: [{ protocol: "udp", address: "192.0.2.1", port: 1 }] });
  assert.equal((await host.hear("error")).code, "bad_message");
  await dropAll(host);
});

test("without turn.urls nobody hears of a relay", async () => {
  const own = makeFolder();
  const plain = await Server.start(own.folder);
  const host = await begin(await makeMeeting(plain));
  assert.ok(host.all.every(({ type }) => type !== "relays"));
  await dropAll(host);
  await plain.stop();
  own.remove();
});

test("a headless client leaves where media must go over a relay, and says why", async () => {
  const own = makeFolder();
  const strict = await Server.start(own.folder, [...turnFlags, "--turn.only=yes"]);
  const client = new Client(["--start", strict.startAddress]);
  const { code } = await client.exited;
  assert.notEqual(code, 0);
  assert.match(client.complaints, /media over a TURN server/);
  await strict.stop();
  own.remove();
});
