// Words about somebody who has just left, words that do not fit, and a media process that lies: the
// server goes on, and so does everybody else.
//
//   host, members, those who wait (WebSockets) ──loopback──> incamera serve ──> fake_worker
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { begin, blob, commit, dropAll, gather, hash, later, letIn, makeMeeting, resume, text, wait } from "./lib/meeting.mjs";
import { makeFolder, Server } from "./lib/server.mjs";
import { open } from "./lib/websocket.mjs";

let files;
let server;
before(async () => {
  files = makeFolder();
  server = await Server.start(files.folder);
});
after(async () => {
  await server.stop();
  files.remove();
});

const ICE = { ufrag: "abcd", pwd: "abcdefghijklmnopqrstuv" };
const AUDIO = { codec: "opus", pt: 111, extensions: { mid: 4, twcc: 3 } };
const LINES = [
  { mid: "0", stream: "microphone", ...AUDIO },
  { mid: "1", slot: "voice", ...AUDIO },
];
const offer = (connection, lines, ufrag = ICE.ufrag) => ({
  type: "connect",
  connection,
  ice: { ...ICE, ufrag },
  fingerprint: text(Buffer.alloc(32, 1)),
  lines,
});

/** It is there, and what it says is heard. */
async function goesOn(who, other) {
  const sealed = blob();
  who.send({ type: "message", sealed });
  assert.equal((await other.hear((m) => m.type === "message" && m.sealed === sealed)).from, who.participant);
}

/** Takes back the commit that ended `epoch`, as `who` heard it. */
function reject(who, by, epoch, more = {}) {
  const { sealed } = who.all.find((m) => m.type === "committed" && m.epoch === epoch);
  by.send({ type: "reject", epoch, commit: hash(Buffer.from(sealed, "base64url")), sealed: blob(), ...more });
}

test("a keeper's words about nobody, or about what is so already, change nothing", async () => {
  const meeting = await makeMeeting(server);
  const [host, layla] = await gather(meeting, 1);
  const gone = await wait(meeting);
  gone.send({ type: "leave" });
  await gone.closed;
  for (const participant of [gone.participant, layla.participant, blob(16)])
    for (const final of [false, true]) host.send({ type: "reply", participant, sealed: blob(), final });
  for (const participant of [gone.participant, host.participant, layla.participant])
    host.send({ type: "keeper", participant, keeper: false });
  const guest = await wait(meeting);
  guest.send({ type: "knock", sealed: blob() });
  for (let i = 0; i < 2; i++) host.send({ type: "keeper", participant: layla.participant, keeper: true });
  await goesOn(host, layla);
  assert.equal(layla.all.filter(({ type }) => type === "knocked").length, 1);
  await goesOn(layla, host);
  assert.ok(![...host.all, ...layla.all].some(({ type }) => type === "error" || type === "replied"));
  dropAll(host, layla, guest);
});

test("a commit is taken back though whom it brought in has left", async () => {
  const meeting = await makeMeeting(server);
  const [host, layla] = await gather(meeting, 1);
  const omar = await letIn(meeting, host, 1);
  omar.send({ type: "leave" });
  await omar.closed;
  reject(host, host, 1);
  assert.equal((await layla.hear("rejected")).epoch, 1);
  await commit(host, 1);
  await goesOn(layla, host);
  dropAll(host, layla);
});

test("who takes back the commit that brought it in stays", async () => {
  const [host, layla] = await gather(await makeMeeting(server), 1);
  host.send({ type: "keeper", participant: layla.participant, keeper: true });
  await goesOn(host, layla);
  reject(host, layla, 0);
  assert.equal((await host.hear("rejected")).epoch, 0);
  await goesOn(layla, host);
  dropAll(host, layla);
});

test("a commit that others followed is taken back, with those, only when that is what was said", async () => {
  const [host, layla] = await gather(await makeMeeting(server), 1);
  await commit(layla, 1);
  await commit(layla, 2);
  await host.hear((m) => m.type === "committed" && m.epoch === 2);
  reject(host, host, 1);
  assert.equal((await host.hear("conflict")).epoch, 3);
  assert.ok(!layla.all.some(({ type }) => type === "rejected"));
  reject(host, host, 1, { later: true });
  assert.equal((await layla.hear("rejected")).epoch, 1);
  await commit(host, 1);
  await goesOn(layla, host);
  dropAll(host, layla);
});

test("a member whom a commit had brought back stays one when it is taken back", async () => {
  const [host, layla] = await gather(await makeMeeting(server), 1);
  layla.send({ type: "knock", sealed: blob(), returning: true });
  await host.hear((m) => m.type === "knocked" && m.participant === layla.participant);
  await commit(host, 1, { welcome: { participants: [layla.participant], sealed: blob() } });
  await layla.hear("joined");
  reject(host, host, 1);
  assert.equal((await layla.hear("rejected")).epoch, 1);
  await goesOn(layla, host);
  dropAll(host, layla);
});

test("who was away when commits were taken back hears it on coming back, if it was in what they led to", async () => {
  const meeting = await makeMeeting(server);
  const [host, layla] = await gather(meeting, 1);
  await commit(layla, 1);
  await commit(layla, 2);
  await host.hear((m) => m.type === "committed" && m.epoch === 2);
  layla.drop();
  await layla.closed;
  reject(host, host, 1, { later: true });
  const { sealed } = await host.hear("rejected");
  for (const [epoch, behind] of [
    [3, true],
    [2, true],
    [1, undefined],
  ]) {
    const back = await resume(meeting, layla, { epoch });
    assert.equal(back.behind, behind);
    await goesOn(host, back);
    const heard = back.all.filter(({ type }) => type === "rejected");
    assert.deepEqual(heard, epoch > 1 ? [{ type: "rejected", epoch: 1, sealed }] : []);
    back.drop();
    await back.closed;
  }
  dropAll(host);
});

test("a commit that names its sender, or nobody, takes out and brings in nobody", async () => {
  const meeting = await makeMeeting(server);
  const [host, layla] = await gather(meeting, 1);
  await commit(host, 1, { removed: [host.participant, blob(16)] });
  await commit(layla, 2, { welcome: { participants: [blob(16)], sealed: blob() } });
  await goesOn(host, layla);
  await goesOn(layla, host);
  dropAll(host, layla);
});

test("nobody lets itself in while no keeper is there, nor by many tries", async () => {
  const meeting = await makeMeeting(server);
  const [host, layla] = await gather(meeting, 1);
  const guest = await wait(meeting);
  host.send({ type: "door", open: true, epoch: 1, info: blob() });
  await guest.hear("opened");
  const answers = [];
  for (let i = 0; i < 20; i++) guest.send({ type: "commit", epoch: 99, sealed: blob() });
  for (let i = 0; i < 20; i++) {
    const { type, code } = await guest.hear((m) => m.type === "conflict" || m.of === "commit");
    answers.push(code ?? type);
  }
  assert.ok(answers.includes("conflict") && answers.includes("too_fast"));
  host.drop();
  assert.equal((await guest.hear("attended")).attended, false);
  await later(2000); // there is a try again
  guest.send({ type: "commit", epoch: 1, sealed: blob() });
  assert.equal((await guest.hear((m) => m.of === "commit")).code, "not_open");
  dropAll(layla, guest);
});

test("who lets itself in brings in and removes nobody else", async () => {
  const meeting = await makeMeeting(server);
  const host = await begin(meeting);
  const [one, two] = [await wait(meeting), await wait(meeting)];
  host.send({ type: "door", open: true, epoch: 0, info: blob() });
  await one.hear("opened");
  one.send({ type: "commit", epoch: 0, sealed: blob(), welcome: { participants: [two.participant], sealed: blob() } });
  assert.equal((await one.hear("error")).code, "bad_message");
  assert.equal(await one.closed, 1008);
  assert.ok(!two.all.some(({ type }) => type === "joined"));
  dropAll(host, two);
});

test("an offer that does not fit together is refused, and the next may be a good one", async () => {
  const [host, layla] = await gather(await makeMeeting(server), 1);
  const twice = [LINES[0], { ...LINES[0], mid: "2" }];
  layla.send(offer(1, twice));
  assert.equal((await layla.hear("error")).code, "bad_connection");
  layla.send(offer(1, LINES));
  await layla.hear("answer");
  dropAll(host, layla);
});

test("a stream that is said to be live twice is no message", async () => {
  const host = await begin(await makeMeeting(server));
  host.send({ type: "live", streams: [{ stream: "camera" }, { stream: "camera" }] });
  assert.equal((await host.hear("error")).code, "bad_message");
  assert.equal(await host.closed, 1008);
});

test("what failed is not restarted", async () => {
  const host = await begin(await makeMeeting(server));
  host.send(offer(1, LINES, "fails"));
  await host.hear("reconnect");
  host.send({ type: "restart", connection: 1, ice: ICE });
  assert.equal((await host.hear("error")).code, "bad_connection");
  host.drop();
});

test("who asks again while a refusal waits is too fast", async () => {
  const { meeting } = await makeMeeting(server);
  const guesser = await open(server.port);
  for (let i = 0; i < 2; i++) guesser.send({ type: "join", meeting, proof: blob(32) });
  assert.equal((await guesser.hear("error")).code, "too_fast");
  assert.equal(await guesser.closed, 1008);
});

// A media process parses what strangers send: what it says is checked like a stranger's words.
for (const [ufrag, reason] of [
  ["liesready", "it was ready twice or without a port"],
  ["liesstate", "it said something unknown"],
  ["liestype", "it said something unknown"],
  ["liessize", "it sent a message of another size"],
])
  test(`a media process that ${ufrag.replace("lies", "lies about its ")} is ended, and another takes over`, async () => {
    const host = await begin(await makeMeeting(server));
    const from = server.log.length;
    host.send(offer(1, LINES, ufrag));
    const killed = await server.logged((line) => line.area === "workers" && line.event === "killed", 5000, from);
    assert.equal(killed.reason, reason);
    await host.hear("reconnect");
    await server.logged((line) => line.area === "workers" && line.event === "ready", 5000, from);
    host.send(offer(2, LINES));
    await host.hear("answer");
    host.drop();
  });

test("a media process that says that nobody's path has failed changes nobody's", async () => {
  const [host, layla] = await gather(await makeMeeting(server), 1);
  host.send(offer(1, LINES, "liesnobody"));
  await host.hear("path"); // which it says after that
  await goesOn(host, layla);
  assert.ok(![...host.all, ...layla.all].some(({ type }) => type === "reconnect"));
  dropAll(host, layla);
});

test("a media process that lies about a path is not believed", async () => {
  const host = await begin(await makeMeeting(server));
  host.send(offer(1, LINES, "liespath"));
  await host.hear("path");
  await later(100);
  assert.deepEqual(
    host.all.filter(({ type }) => type === "path"),
    [{ type: "path", bps: 0, lowered: 1, dark: 2 }],
  );
  host.drop();
});
