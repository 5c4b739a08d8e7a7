// A meeting seen from outside: what the server delivers to whom, with blobs in the place of
// everything that is sealed.
//
//   host, members, those who wait (WebSockets) ──loopback──> incamera serve ──> fake_worker
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { begin, blob, commit, dropAll, hash, knockAt, later, letIn, makeMeeting, resume, text, wait } from "./lib/meeting.mjs";
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

/** A host and `count` members, at epoch `count`. */
async function call(meeting, count) {
  const people = [await begin(meeting)];
  for (let i = 0; i < count; i++) people.push(await letIn(meeting, people[0], i));
  await later(50);
  for (const client of people) client.leftOver();
  return people;
}

const typesOf = (client) => client.all.map(({ type }) => type);

/** What the server answers to a message after which the socket stays. */
async function refusal(client, message) {
  client.send(message);
  const { type, ...error } = await client.hear("error");
  return error;
}

async function refusedWithClose(client, message) {
  client.send(message);
  assert.equal((await client.hear("error")).code, "bad_message", JSON.stringify(message).slice(0, 80));
  assert.equal(await client.closed, 1008);
}

const ICE = { ufrag: "abcd", pwd: "abcdefghijklmnopqrstuv" };
const AUDIO = { codec: "opus", pt: 111, extensions: { mid: 4, twcc: 3 } };
async function connect(client) {
  const lines = [
    { mid: "0", stream: "microphone", ...AUDIO },
    { mid: "1", slot: "voice", ...AUDIO },
  ];
  client.send({ type: "connect", connection: 1, ice: ICE, fingerprint: text(Buffer.alloc(32, 1)), lines });
  await client.hear("answer");
  client.send({ type: "live", streams: [{ stream: "microphone" }] });
}

// Coming in

test("two come together: the host begins a group, and lets in who knocks", async () => {
  const meeting = await makeMeeting(server);
  const host = await begin(meeting);
  assert.deepEqual(host.people, []);
  assert.equal(host.epoch, 0);
  assert.ok(host.host && host.keeper && !host.behind && !host.welcome);
  const card = blob(3000);
  host.send({ type: "card", sealed: card });
  await later(50);
  const guest = await wait(meeting);
  assert.equal(guest.card, card);
  assert.equal(guest.attended, true);
  const knock = blob(5000);
  guest.send({ type: "knock", sealed: knock });
  const heard = await host.hear("knocked");
  assert.deepEqual(heard, { type: "knocked", participant: guest.participant, sealed: knock });
  const question = blob();
  host.send({ type: "reply", participant: guest.participant, sealed: question, final: false });
  assert.deepEqual(await guest.hear("replied"), { type: "replied", sealed: question, final: false });
  const welcome = { participants: [guest.participant], sealed: blob(4000) };
  await commit(host, 0, { welcome });
  const joined = await guest.hear("joined");
  assert.deepEqual(joined.people, [host.participant]);
  assert.deepEqual([joined.participant, joined.resume], [guest.participant, guest.resume]);
  assert.deepEqual([joined.epoch, joined.welcome, joined.host, joined.keeper], [1, welcome.sealed, false, false]);
  assert.equal((await host.hear("entered")).participant, guest.participant);
  assert.deepEqual(typesOf(host).slice(-2), ["committed", "entered"]);
  guest.send({ type: "leave" });
  assert.deepEqual(await host.hear("left"), { type: "left", participant: guest.participant });
  assert.equal(await guest.closed, 1000);
  host.drop();
});

test("three in a group: commits and messages reach the others, and the sender its own commit", async () => {
  const meeting = await makeMeeting(server);
  const [host, layla, omar] = await call(meeting, 2);
  const said = await commit(layla, 2);
  for (const client of [host, omar])
    assert.deepEqual(await client.hear("committed"), { type: "committed", epoch: 2, sealed: said.sealed, from: layla.participant });
  const sealed = blob(16384);
  omar.send({ type: "message", sealed });
  for (const client of [host, layla])
    assert.deepEqual(await client.hear("message"), { type: "message", from: omar.participant, sealed });
  await later(50);
  assert.ok(!typesOf(omar).includes("message"));
  dropAll(host, layla, omar);
});

test("while nobody with the host proof is there, no group exists (ACC-05)", async () => {
  const meeting = await makeMeeting(server);
  const alone = await wait(meeting);
  const wrong = await wait(meeting, { host: blob(32) });
  assert.equal(alone.attended, false);
  await later(200);
  assert.deepEqual(typesOf(alone), ["waiting"]);
  for (const message of [
    { type: "commit", epoch: 0, sealed: blob() },
    { type: "message", sealed: blob() },
    { type: "card", sealed: blob() },
  ]) {
    const other = await wait(meeting);
    other.send(message);
    assert.match((await other.hear("error")).code, /bad_message|not_open/);
    other.drop();
  }
  dropAll(alone, wrong);
});

test("ten wait, the host comes, and the same ten still wait (ACC-04)", async () => {
  const meeting = await makeMeeting(server);
  const ten = [];
  for (let i = 0; i < 10; i++) {
    ten.push(await wait(meeting));
    ten[i].send({ type: "knock", sealed: blob(100 + i) });
  }
  const host = await begin(meeting);
  for (let i = 0; i < 10; i++) assert.equal((await host.hear("knocked")).participant, ten[i].participant);
  await later(300);
  for (const client of ten) assert.deepEqual(typesOf(client), ["waiting", "attended"]);
  assert.deepEqual(host.people, []);
  dropAll(host, ...ten);
});

test("who waits gets nothing but what the page lists, whatever goes on inside (ACC-03, ACC-22)", async () => {
  const meeting = await makeMeeting(server);
  const [host, layla, omar] = await call(meeting, 2);
  const outside = await wait(meeting);
  const other = await wait(meeting);
  outside.send({ type: "knock", sealed: blob() });
  other.send({ type: "knock", sealed: blob() });
  for (const client of [host, layla, omar]) await connect(client);
  for (let i = 0; i < 5; i++) {
    omar.send({ type: "message", sealed: blob() });
    layla.send({ type: "speaking", speaking: i % 2 === 0 });
    layla.send({ type: "live", streams: i % 2 === 0 ? [] : [{ stream: "microphone" }] });
  }
  await commit(host, 2);
  await commit(layla, 3);
  await commit(host, 4, { removed: [omar.participant] });
  await letIn(meeting, host, 5);
  layla.send({ type: "leave" });
  other.send({ type: "leave" });
  host.send({ type: "card", sealed: "Y2FyZA" });
  while (!typesOf(outside).includes("carded")) await later(10);
  host.drop();
  await later(300);
  assert.deepEqual(
    outside.all.map(({ type, participant, resume, ...rest }) => [type, rest]),
    [
      ["waiting", { attended: true }],
      ["carded", { sealed: "Y2FyZA" }],
      ["attended", { attended: false }],
    ],
  );
  const everything = JSON.stringify(outside.all);
  for (const { participant } of [host, layla, omar, other]) assert.ok(!everything.includes(participant));
  outside.drop();
});

test("one who waits has no media: connect, live and show are refused (ACC-03)", async () => {
  const meeting = await makeMeeting(server);
  const host = await begin(meeting);
  const fingerprint = text(Buffer.alloc(32, 1));
  for (const message of [
    { type: "connect", connection: 1, ice: ICE, fingerprint, lines: [{ mid: "0", slot: "voice", ...AUDIO }] },
    { type: "restart", connection: 1, ice: ICE },
    { type: "live", streams: [] },
    { type: "show", slots: [] },
    { type: "speaking", speaking: true },
    { type: "end" },
  ])
    await refusedWithClose(await wait(meeting), message);
  host.drop();
});

test("a keeper refuses: the second time, the address has to wait, and the next knock says so (ACC-08)", async () => {
  const own = makeFolder();
  const strict = await Server.start(own.folder);
  const meeting = await makeMeeting(strict, strict.startToken);
  const host = await begin(meeting);
  for (let times = 0; times < 2; times++) {
    const guest = await wait(meeting);
    guest.send({ type: "knock", sealed: blob() });
    assert.equal((await host.hear("knocked")).before, times || undefined);
    host.send({ type: "reply", participant: guest.participant, sealed: blob(), final: true });
    assert.equal((await guest.hear("replied")).final, true);
    assert.equal(await guest.closed, 1000);
    assert.equal((await host.hear("unknocked")).participant, guest.participant);
  }
  const third = await knockAt(meeting);
  const { code, retry_after } = await third.hear("error");
  assert.equal(code, "refused");
  assert.ok(retry_after > 50_000 && retry_after <= 60_000, String(retry_after));
  const again = await wait(meeting, { host: meeting.host });
  assert.equal(again.attended, true, "the host itself may always wait");
  dropAll(host, third, again);
  await strict.stop();
  own.remove();
});

test("a wrong meeting and a wrong proof are told alike and late (ACC-09)", async () => {
  const meeting = await makeMeeting(server);
  const host = await begin(meeting);
  const answers = new Set();
  for (const wrong of [{ meeting: blob(16) }, { proof: blob(32) }, { proof: blob(32), host: meeting.host }, { proof: blob(32), resume: blob(32) }]) {
    const client = await open(server.port);
    const from = performance.now();
    client.send({ type: "join", meeting: meeting.meeting, proof: meeting.proof, ...wrong });
    answers.add(JSON.stringify(await client.hear("error")));
    assert.ok(performance.now() - from >= 195);
    client.drop();
  }
  assert.deepEqual([...answers], ['{"type":"error","code":"no_entry","retry_after":1500}']);
  host.drop();
});

test("blank and missing fields are refused", async () => {
  const meeting = await makeMeeting(server);
  const host = await begin(meeting);
  const blank = [
    { type: "card" },
    { type: "card", sealed: "" },
    { type: "commit", epoch: 0 },
    { type: "commit", sealed: blob() },
    { type: "commit", epoch: 0, sealed: "" },
    { type: "commit", epoch: 0, sealed: blob(), welcome: { participants: [], sealed: blob() } },
    { type: "commit", epoch: 0, sealed: blob(), welcome: { participants: [blob(16)] } },
    { type: "reply", participant: "", sealed: blob(), final: true },
    { type: "message", sealed: "" },
    { type: "admissions", hashes: [] },
    { type: "admissions", hashes: [""] },
    { type: "door", open: true },
    { type: "reject", epoch: 0 },
  ];
  host.drop();
  for (const message of blank) {
    await later(20);
    const keeper = await begin(meeting);
    await refusedWithClose(keeper, message);
  }
  for (const bad of [{ proof: "" }, { proof: undefined }, { host: "" }, { meeting: "" }]) {
    const client = await open(server.port);
    await refusedWithClose(client, { type: "join", meeting: meeting.meeting, proof: meeting.proof, ...bad });
  }
});

// Order

test("two commits for one epoch: one is the next, the other hears of a conflict", async () => {
  const meeting = await makeMeeting(server);
  const [host, layla, omar] = await call(meeting, 2);
  const [one, two] = [blob(), blob()];
  layla.send({ type: "commit", epoch: 2, sealed: one });
  await layla.hear("committed");
  omar.send({ type: "commit", epoch: 2, sealed: two });
  assert.deepEqual(await omar.hear("conflict"), { type: "conflict", epoch: 3 });
  omar.send({ type: "commit", epoch: 9, sealed: two });
  assert.deepEqual(await omar.hear("conflict"), { type: "conflict", epoch: 3 });
  await later(50);
  for (const client of [host, layla, omar])
    assert.ok(!JSON.stringify(client.all).includes(two), "nobody sees the one that lost");
  dropAll(host, layla, omar);
});

test("twenty race for two hundred epochs, and all see one order", { timeout: 120_000 }, async () => {
  const meeting = await makeMeeting(server);
  const host = await begin(meeting); // it does not race: a keeper that is too late would stop the others
  const people = [];
  const waiting = [];
  for (let i = 0; i < 20; i++) waiting.push(await wait(meeting));
  await commit(host, 0, { welcome: { participants: waiting.map(({ participant }) => participant), sealed: blob() } });
  for (const client of waiting) people.push(Object.assign(client, await client.hear("joined")));
  const last = 200;
  const race = async (client) => {
    for (let epoch = 1; epoch <= last; ) {
      client.send({ type: "commit", epoch, sealed: blob() });
      const heard = await client.hear((m) => m.type === "error" || (m.type === "committed" && m.epoch === epoch), 60_000);
      if (heard.type === "committed") epoch++;
      else await later(heard.retry_after);
    }
  };
  await Promise.all(people.map(race));
  await later(200);
  const orderOf = (client) => client.all.filter(({ type, epoch }) => type === "committed" && epoch >= 1).map(({ epoch, sealed, from }) => `${epoch} ${from} ${sealed}`);
  const order = orderOf(host);
  assert.deepEqual(order.map((line) => Number(line.split(" ")[0])), Array.from({ length: last }, (_, i) => i + 1));
  for (const client of people) assert.deepEqual(orderOf(client), order);
  assert.ok(new Set(order.map((line) => line.split(" ")[1])).size > 1, "not always the same one won");
  dropAll(host, ...people);
});

test("a commit that no member can follow is taken back, and whom it brought in waits again", async () => {
  const meeting = await makeMeeting(server);
  const [host, layla] = await call(meeting, 1);
  const guest = await wait(meeting);
  guest.send({ type: "knock", sealed: blob() });
  const sealed = blob();
  const which = { epoch: 1, commit: hash(Buffer.from(sealed, "base64url")) };
  await commit(host, 1, { sealed, welcome: { participants: [guest.participant], sealed: blob() } });
  const inside = await guest.hear("joined");
  const why = blob();
  host.send({ type: "reject", ...which, sealed: why });
  for (const client of [host, layla]) assert.deepEqual(await client.hear("rejected"), { type: "rejected", epoch: 1, sealed: why });
  const back = await guest.hear("waiting");
  assert.deepEqual([back.participant, back.resume], [inside.participant, inside.resume]);
  assert.equal((await layla.hear("left")).participant, guest.participant);
  await commit(layla, 1);
  await host.hear("committed");
  for (const late of [which, { ...which, epoch: 7 }]) {
    host.send({ type: "reject", ...late, sealed: why });
    assert.deepEqual(await host.hear("conflict"), { type: "conflict", epoch: 2 });
  }
  await later(50);
  assert.ok(!typesOf(guest).includes("rejected") && !typesOf(guest).includes("committed"));
  guest.send({ type: "knock", sealed: blob() });
  assert.equal((await host.hear("knocked")).participant, guest.participant);
  dropAll(host, layla, guest);
});

test("a commit is taken back with those after it if that is asked for, and who came back by one stays a member", async () => {
  const meeting = await makeMeeting(server);
  const [host, layla, kofi] = await call(meeting, 2);
  const first = await commit(kofi, 2);
  const from = layla.all.length;
  layla.send({ type: "knock", sealed: blob(), returning: true });
  await kofi.hear("knocked");
  await commit(kofi, 3, { welcome: { participants: [layla.participant], sealed: blob() } });
  await layla.hear("joined");
  const reject = { type: "reject", epoch: 2, commit: hash(Buffer.from(first.sealed, "base64url")), sealed: blob() };
  host.send(reject);
  assert.deepEqual(await host.hear("conflict"), { type: "conflict", epoch: 4 });
  host.send({ ...reject, later: true });
  for (const client of [host, layla, kofi]) assert.equal((await client.hear("rejected")).epoch, 2);
  await commit(layla, 2);
  assert.ok(!layla.all.slice(from).some(({ type }) => type === "waiting"));
  dropAll(host, layla, kofi);
});

test("who comes back hears which members ask to come back, and not of those who need not since a commit was taken back", async () => {
  const meeting = await makeMeeting(server);
  const [host, layla, kofi] = await call(meeting, 2);
  const { sealed } = await commit(host, 2);
  layla.send({ type: "knock", sealed: blob(), returning: true });
  await host.hear("knocked");
  const again = await resume(meeting, kofi, { epoch: 2 });
  assert.equal((await again.hear("knocked")).participant, layla.participant);
  host.send({ type: "reject", epoch: 2, commit: hash(Buffer.from(sealed, "base64url")), sealed: blob() });
  await again.hear("rejected");
  const last = await resume(meeting, kofi, { epoch: 2 });
  await later(100);
  assert.ok(!typesOf(last).includes("knocked"));
  dropAll(host, layla, last);
});

// Coming back

test("a lost member resumes with the commits it missed, in order", async () => {
  const meeting = await makeMeeting(server);
  const [host, layla] = await call(meeting, 1);
  layla.drop();
  const missed = [];
  for (let epoch = 1; epoch < 6; epoch++) missed.push((await commit(host, epoch)).sealed);
  const back = await resume(meeting, layla, { epoch: 1 });
  assert.deepEqual([back.participant, back.epoch, back.behind], [layla.participant, 1, undefined]);
  for (let i = 0; i < 5; i++) {
    const { epoch, sealed } = await back.hear("committed");
    assert.deepEqual([epoch, sealed], [i + 1, missed[i]]);
  }
  const ahead = await resume(meeting, layla, { epoch: 60 });
  assert.equal(ahead.behind, true);
  assert.equal(ahead.epoch, 6);
  assert.equal(await back.closed, 4001);
  dropAll(host, ahead);
});

test("who lost its socket before the welcome came gets it when it resumes", async () => {
  const meeting = await makeMeeting(server);
  const host = await begin(meeting);
  const guest = await wait(meeting);
  guest.drop();
  await later(50);
  const { welcome } = await commit(host, 0, { welcome: { participants: [guest.participant], sealed: blob() } });
  const { sealed } = await commit(host, 1);
  const back = await resume(meeting, guest);
  assert.deepEqual([back.epoch, back.welcome], [1, welcome.sealed]);
  assert.equal((await back.hear("committed")).sealed, sealed);
  dropAll(host, back);
});

test("the log holds 64 commits: who is further behind is told, returns, and any member lets it back in", { timeout: 60_000 }, async () => {
  const meeting = await makeMeeting(server);
  const [host, layla, omar] = await call(meeting, 2);
  layla.drop();
  for (let epoch = 2; epoch < 67; epoch++) await commit(host, epoch);
  const back = await resume(meeting, layla, { epoch: 2 });
  assert.deepEqual([back.behind, back.epoch], [true, 67]);
  const knock = blob();
  back.send({ type: "knock", sealed: knock, returning: true });
  for (const client of [host, omar])
    assert.deepEqual(await client.hear("knocked"), { type: "knocked", participant: layla.participant, sealed: knock, returning: true });
  await commitOfMember(omar, 67, layla.participant);
  const joined = await back.hear("joined");
  assert.equal(joined.epoch, 68);
  assert.ok(joined.welcome);
  assert.ok(!typesOf(back).includes("committed"), "the welcome comes in place of the commit");
  dropAll(host, omar, back);
});

async function commitOfMember(who, epoch, participant) {
  who.leftOver();
  return commit(who, epoch, { welcome: { participants: [participant], sealed: blob() } });
}

test("one that waits and returns is let in by any member, one that only waits is not", async () => {
  const meeting = await makeMeeting(server);
  const [host, layla] = await call(meeting, 1);
  const guest = await wait(meeting);
  guest.send({ type: "knock", sealed: blob() });
  await host.hear("knocked");
  const welcome = { participants: [guest.participant], sealed: blob() };
  assert.deepEqual(await refusal(layla, { type: "commit", epoch: 1, sealed: blob(), welcome }), { code: "not_keeper", of: "commit" });
  await later(1100);
  guest.send({ type: "knock", sealed: blob(), returning: true });
  assert.equal((await layla.hear("knocked")).returning, true);
  await commit(layla, 1, { welcome });
  assert.equal((await guest.hear("joined")).epoch, 2);
  dropAll(host, layla, guest);
});

test("a full meeting has room for nobody new, and for each of its members that comes back", async () => {
  const own = makeFolder();
  const small = await Server.start(own.folder, ["--limits.participants=2"]);
  const meeting = await makeMeeting(small, small.startToken);
  const [host, layla] = await call(meeting, 1);
  const guest = await wait(meeting);
  guest.send({ type: "knock", sealed: blob() });
  await host.hear("knocked");
  const welcome = { participants: [guest.participant], sealed: blob() };
  const { code, of } = await refusal(host, { type: "commit", epoch: 1, sealed: blob(), welcome });
  assert.deepEqual([code, of], ["full", "commit"]);
  assert.deepEqual(await guest.hear("error"), { type: "error", code: "full", of: "knock", retry_after: 5000 });
  layla.send({ type: "knock", sealed: blob(), returning: true });
  await host.hear("knocked");
  await commitOfMember(host, 1, layla.participant);
  assert.equal((await layla.hear("joined")).epoch, 2);
  dropAll(host, layla, guest);
  await small.stop();
  own.remove();
});

test("who waits, and who is inside, hears every ten seconds that the server is there", async () => {
  const meeting = await makeMeeting(server);
  const host = await begin(meeting);
  const guest = await wait(meeting);
  host.leftOver();
  const from = Date.now();
  for (let times = 0; times < 2; times++) {
    assert.deepEqual(await guest.hear("attended", 15_000), { type: "attended", attended: true });
    assert.deepEqual(await host.hear("voices", 15_000), { type: "voices", crowded: false });
  }
  assert.ok(Date.now() - from >= 19_000);
  assert.deepEqual(host.leftOver().filter(({ type }) => type !== "left"), []);
  dropAll(host, guest);
});

test("one that waits keeps its place for a lost socket, with its knock", async () => {
  const meeting = await makeMeeting(server);
  const host = await begin(meeting);
  const guest = await wait(meeting);
  guest.send({ type: "knock", sealed: blob() });
  await host.hear("knocked");
  guest.drop();
  await later(50);
  const back = await wait(meeting, { resume: guest.resume });
  assert.equal(back.participant, guest.participant);
  assert.ok(!typesOf(host).includes("unknocked"));
  back.send({ type: "leave" });
  assert.equal((await host.hear("unknocked")).participant, guest.participant);
  assert.equal(await back.closed, 1000);
  host.drop();
});

test("when the last member has left, the group is over; who waits goes on, and the host begins anew", async () => {
  const meeting = await makeMeeting(server);
  const [host, layla] = await call(meeting, 1);
  const guest = await wait(meeting);
  guest.send({ type: "knock", sealed: blob() });
  await host.hear("knocked");
  host.send({ type: "leave" });
  assert.equal((await guest.hear("attended")).attended, false);
  layla.send({ type: "leave" });
  await layla.closed;
  const again = await begin(meeting);
  assert.deepEqual([again.epoch, again.people], [0, []]);
  assert.equal((await again.hear("knocked")).participant, guest.participant);
  assert.equal((await guest.hear("attended")).attended, true);
  const late = await knockAt(meeting, { resume: layla.resume });
  assert.equal((await late.hear("waiting")).attended, true, "its token was of the other group");
  dropAll(again, guest, late);
});

test("a host that lost everything begins anew when nobody else is connected, and waits otherwise", async () => {
  const meeting = await makeMeeting(server);
  const [host, layla] = await call(meeting, 1);
  host.drop();
  const second = await wait(meeting, { host: meeting.host });
  layla.drop();
  await later(50);
  const third = await begin(meeting);
  assert.deepEqual([third.epoch, third.people], [0, []]);
  dropAll(second, third);
});

// Being put out

test("a removed member is cut off within half a second: socket, media, slots and token (ACC-08)", async () => {
  const meeting = await makeMeeting(server);
  const [host, layla, omar] = await call(meeting, 2);
  for (const client of [host, layla, omar]) await connect(client);
  await later(100);
  const adds = server.log.filter((line) => line.event === "add").slice(-3);
  const from = server.log.length;
  const at = performance.now();
  await commit(host, 2, { removed: [omar.participant] });
  const removal = await server.logged((line) => line.event === "remove" && line.transport === adds[2].transport, 500, from);
  assert.ok(removal);
  assert.deepEqual(await omar.hear("removed", 500), { type: "removed" });
  assert.equal(await omar.closed, 1000);
  assert.ok(performance.now() - at < 500, `${performance.now() - at} ms`);
  assert.equal((await layla.hear("committed")).epoch, 2);
  assert.deepEqual(await layla.hear("left"), { type: "left", participant: omar.participant });
  const slots = layla.all.filter(({ type }) => type === "slots").at(-1);
  assert.ok(!JSON.stringify(slots).includes(omar.participant), "no slot shows it any more");
  assert.ok(!typesOf(omar).includes("committed"));
  const back = await knockAt(meeting, { resume: omar.resume, epoch: 3 });
  const { participant } = await back.hear("waiting");
  assert.notEqual(participant, omar.participant);
  back.send({ type: "knock", sealed: blob() });
  assert.ok((await host.hear("knocked")).before >= 1);
  dropAll(host, layla, back);
});

test("a member that is no keeper removes only who is not connected", async () => {
  const meeting = await makeMeeting(server);
  const [host, layla, omar] = await call(meeting, 2);
  const removal = { type: "commit", epoch: 2, sealed: blob(), removed: [omar.participant] };
  assert.deepEqual(await refusal(layla, removal), { code: "not_keeper", of: "commit" });
  omar.drop();
  await later(50);
  await commit(layla, 2, { removed: [omar.participant] });
  assert.equal((await host.hear("left")).participant, omar.participant);
  const back = await knockAt(meeting, { resume: omar.resume });
  await back.hear("waiting");
  await commit(layla, 3, { removed: [omar.participant] });
  dropAll(host, layla, back);
});

test("who was away for a minute is gone, and somebody should commit that", { timeout: 90_000 }, async () => {
  const meeting = await makeMeeting(server);
  const [host, layla] = await call(meeting, 1);
  layla.drop();
  assert.deepEqual(await host.hear("left", 65_000), { type: "left", participant: layla.participant, gone: true });
  host.drop();
});

test("a replaced link: the old proof does not enter, who waits with it is sent away, members stay (ACC-11)", async () => {
  const meeting = await makeMeeting(server);
  const [host, layla] = await call(meeting, 1);
  const guest = await wait(meeting);
  guest.send({ type: "knock", sealed: blob() });
  await host.hear("knocked");
  const [link, invite] = [randomBytes(32), randomBytes(32)];
  host.send({ type: "admissions", hashes: [hash(link), hash(invite)] });
  assert.deepEqual(await guest.hear("replaced"), { type: "replaced" });
  assert.equal(await guest.closed, 1000);
  await host.hear("unknocked");
  const old = await knockAt(meeting);
  assert.equal((await old.hear("error")).code, "no_entry");
  layla.drop();
  const back = await resume(meeting, layla, { epoch: 1 });
  assert.equal(back.participant, layla.participant, "a member resumes whatever the link is now");
  const byLink = await wait({ ...meeting, proof: text(link) });
  const byInvite = await wait({ ...meeting, proof: text(invite) });
  host.send({ type: "admissions", hashes: [hash(link)] });
  await byInvite.hear("replaced");
  await later(50);
  assert.ok(!typesOf(byLink).includes("replaced"));
  dropAll(host, old, back, byLink);
});

test("the host ends the meeting for members and for those who wait", async () => {
  const meeting = await makeMeeting(server);
  const [host, layla] = await call(meeting, 1);
  const guest = await wait(meeting);
  assert.deepEqual(await refusal(layla, { type: "end" }), { code: "not_host" });
  host.send({ type: "end" });
  for (const client of [host, layla, guest]) {
    await client.hear("ended");
    assert.equal(await client.closed, 1000);
  }
  const late = await knockAt(meeting);
  assert.equal((await late.hear("error")).code, "no_entry");
  late.drop();
});

// Rights

const KEEPERS_ONLY = [
  { type: "card", sealed: "AAAA" },
  { type: "reply", participant: "AAECAwQFBgcICQoLDA0ODw", sealed: "AAAA", final: true },
  { type: "door", open: false },
  { type: "reject", epoch: 0, commit: hash(Buffer.from("x")), sealed: "AAAA" },
  { type: "admissions", hashes: [hash(Buffer.from("x"))] },
  { type: "keeper", participant: "AAECAwQFBgcICQoLDA0ODw", keeper: true },
];

test("each message of keepers is refused to everybody else (SEC-24)", async () => {
  const meeting = await makeMeeting(server);
  const [host, layla] = await call(meeting, 1);
  for (const message of KEEPERS_ONLY) {
    assert.deepEqual(await refusal(layla, message), { code: "not_keeper", of: message.type }, message.type);
    await refusedWithClose(await wait(meeting), message);
    await refusedWithClose(await open(server.port), message);
  }
  await later(100);
  assert.ok(!layla.all.some(({ type }) => type === "rejected"));
  const guest = await wait(meeting);
  assert.equal(guest.card, undefined, "none of it was done");
  for (const message of [{ type: "message", sealed: "AAAA" }, { type: "join", meeting: meeting.meeting, proof: meeting.proof }])
    await refusedWithClose(await wait(meeting), message);
  const member = await letIn(meeting, host, await commitEpoch(host));
  await refusedWithClose(member, { type: "knock", sealed: "AAAA" });
  dropAll(host, layla, guest);
});

/** The head, as a conflict tells it. */
async function commitEpoch(client) {
  client.send({ type: "commit", epoch: 2 ** 31 - 1, sealed: "AAAA" });
  return (await client.hear("conflict")).epoch;
}

test("a keeper makes another one, that then gets the knocks; who has the host proof stays one", async () => {
  const meeting = await makeMeeting(server);
  const [host, layla] = await call(meeting, 1);
  const guest = await wait(meeting);
  guest.send({ type: "knock", sealed: blob() });
  await host.hear("knocked");
  assert.ok(!typesOf(layla).includes("knocked"));
  host.send({ type: "keeper", participant: layla.participant, keeper: true });
  assert.equal((await layla.hear("knocked")).participant, guest.participant);
  layla.send({ type: "keeper", participant: host.participant, keeper: false });
  host.send({ type: "card", sealed: "AAAA" });
  assert.equal((await guest.hear("carded")).sealed, "AAAA");
  host.drop();
  await later(50);
  assert.ok(!typesOf(guest).includes("attended"), "the other keeper is there");
  const back = await resume(meeting, host, { epoch: 1 });
  assert.equal(back.keeper, true);
  assert.equal((await back.hear("knocked")).participant, guest.participant);
  back.send({ type: "keeper", participant: layla.participant, keeper: false });
  await later(50);
  assert.equal((await refusal(layla, KEEPERS_ONLY[0])).code, "not_keeper");
  dropAll(back, layla, guest);
});

// The open door

test("before the open door, who waits lets itself in; the loser of a race hears the newer info", async () => {
  const meeting = await makeMeeting(server);
  const host = await begin(meeting);
  const one = await wait(meeting);
  const two = await wait(meeting);
  const early = { type: "commit", epoch: 0, sealed: blob() };
  assert.deepEqual(await refusal(one, early), { code: "not_open", of: "commit" });
  host.send({ type: "door", open: true, epoch: 5, info: blob() });
  assert.equal((await host.hear("conflict")).epoch, 0);
  const info = blob(2000);
  host.send({ type: "door", open: true, epoch: 0, info });
  for (const client of [one, two]) assert.deepEqual(await client.hear("opened"), { type: "opened", open: true, info });
  const newer = blob(2000);
  one.send({ type: "commit", epoch: 0, sealed: blob(100_000), info: newer });
  const joined = await one.hear("joined");
  assert.deepEqual([joined.epoch, joined.people, joined.welcome], [1, [host.participant], undefined]);
  assert.equal((await host.hear("committed")).from, one.participant);
  assert.equal((await host.hear("entered")).participant, one.participant);
  two.send({ type: "commit", epoch: 0, sealed: blob() });
  assert.deepEqual(await two.hear("conflict"), { type: "conflict", epoch: 1, info: newer });
  const three = await wait(meeting);
  assert.equal(three.info, newer);
  await commit(host, 1);
  assert.equal((await refusal(two, { type: "commit", epoch: 2, sealed: blob() })).code, "not_open", "the info was not of this epoch");
  host.send({ type: "door", open: false });
  assert.deepEqual(await three.hear("opened"), { type: "opened", open: false });
  const four = await wait(meeting);
  assert.equal(four.info, undefined);
  await refusedWithClose(three, { type: "commit", epoch: 2, sealed: blob(), removed: [host.participant] });
  dropAll(host, one, two, four);
});

// Sizes and rates

test("each size has its limit, by who sends and what", { timeout: 60_000 }, async () => {
  const meeting = await makeMeeting(server);
  const [host, layla] = await call(meeting, 1);
  const most = { type: "commit", epoch: 1, sealed: "A".repeat(2_000_000) };
  layla.send(most);
  assert.equal((await host.hear("committed")).sealed.length, 2_000_000);
  assert.equal((await layla.hear("committed")).epoch, 1);
  const ways = [
    ["a message of a member", "member", `{"type":"message","sealed":"AAAA"}${" ".repeat(70_000)}`, 1009],
    ["an unknown long one", "member", " ".repeat(70_000), 1008],
    ["a commit of more than 2 MiB", "member", " ".repeat(2 * 1024 * 1024 + 1), 1009],
    ["a long commit of one who waits", "waiting", { type: "commit", epoch: 2, sealed: blob(60_000) }, 1009],
    ["a long knock", "waiting", { type: "knock", sealed: blob(16_385) }, 1008],
    ["a long card", "member", { type: "card", sealed: blob(16_385) }, 1008],
  ];
  let epoch = 2;
  for (const [what, who, message, code] of ways) {
    await later(300);
    const client = who === "member" ? await letIn(meeting, host, epoch++) : await wait(meeting);
    client.send(message);
    assert.equal(await client.closed, code, what);
  }
  dropAll(host, layla);
});

test("long commits reach a hundred members, and the server holds each once", { timeout: 60_000 }, async () => {
  const own = makeFolder();
  const big = await Server.start(own.folder);
  const meeting = await makeMeeting(big, big.startToken);
  const host = await begin(meeting);
  const members = [];
  for (let i = 0; i < 100; i++) members.push(await wait(meeting));
  const participants = members.map(({ participant }) => participant);
  await commit(host, 0, { welcome: { participants, sealed: blob() } });
  for (const client of members) await client.hear("joined");
  await later(500);
  const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${big.pid}/status`, "latin1"))[1]) / 1024;
  const before_ = memory();
  for (const client of members) client.stopReading();
  await commit(host, 1, { sealed: blob(1_000_000) });
  await commit(host, 2, { sealed: blob(1_000_000) });
  const more = memory() - before_;
  for (const client of members) client.resumeReading();
  assert.ok(more < 60, `two commits of 1.3 MB that wait for a hundred took ${more} MB; a copy for each is 266`);
  for (const client of members) {
    const last = await client.hear((m) => m.type === "committed" && m.epoch === 2, 30_000);
    assert.equal(last.sealed.length, 1_333_334);
    client.drop();
  }
  host.drop();
  await big.stop();
  own.remove();
});

test("too fast: commits of a meeting, messages of a member, knocks of one who waits", { timeout: 60_000 }, async () => {
  const meeting = await makeMeeting(server);
  const [host, layla] = await call(meeting, 1);
  const guest = await wait(meeting);
  await later(1000);
  let taken = 0;
  for (let epoch = 1; epoch < 7; epoch++) layla.send({ type: "commit", epoch, sealed: blob() });
  await later(200);
  taken = typesOf(host).filter((type) => type === "committed").length - 1;
  assert.ok(taken >= 3 && taken <= 5, `${taken} taken at once`);
  const { code, of, retry_after } = await layla.hear("error");
  assert.deepEqual([code, of], ["too_fast", "commit"]);
  assert.ok(retry_after > 0);
  layla.leftOver();
  for (let i = 0; i < 70; i++) layla.send({ type: "message", sealed: blob() });
  const slow = await layla.hear("error");
  assert.deepEqual([slow.code, slow.of], ["too_fast", "message"]);
  await later(100);
  const heard = typesOf(host).filter((type) => type === "message").length;
  assert.ok(heard >= 60 && heard < 70, `${heard} messages`);
  guest.send({ type: "knock", sealed: blob() });
  assert.deepEqual((await refusal(guest, { type: "knock", sealed: blob() })).of, "knock");
  for (let i = 0; i < 9; i++) {
    await later(1200);
    guest.send({ type: "knock", sealed: blob() });
  }
  await later(1200);
  assert.deepEqual(await refusal(guest, { type: "knock", sealed: blob() }), { code: "too_fast", of: "knock" });
  assert.equal(typesOf(host).filter((type) => type === "knocked").length, 10);
  dropAll(host, layla, guest);
});

test("after a keeper was too late, only keepers commit for a moment", async () => {
  const meeting = await makeMeeting(server);
  const [host, layla] = await call(meeting, 1);
  await later(1000);
  await commit(layla, 1);
  host.send({ type: "commit", epoch: 1, sealed: blob() });
  await host.hear("conflict");
  assert.equal((await refusal(layla, { type: "commit", epoch: 2, sealed: blob() })).code, "too_fast");
  host.leftOver();
  await commit(host, 2);
  await later(600);
  layla.leftOver();
  await commit(layla, 3);
  dropAll(host, layla);
});

// The process

test("kill -9 keeps the meeting, the card and the admissions, and no group", async () => {
  const own = makeFolder();
  const first = await Server.start(own.folder);
  const meeting = await makeMeeting(first, first.startToken);
  const host = await begin(meeting);
  const [link, card] = [randomBytes(32), blob(9000)];
  host.send({ type: "card", sealed: card });
  host.send({ type: "admissions", hashes: [hash(link)] });
  await commit(host, 0);
  await first.stop("SIGKILL");
  const second = await Server.start(own.folder);
  const old = await knockAt({ ...meeting, on: second });
  assert.equal((await old.hear("error")).code, "no_entry");
  const now = { ...meeting, proof: text(link), on: second };
  const guest = await wait(now, { resume: host.resume });
  assert.deepEqual([guest.card, guest.attended], [card, false]);
  const again = await begin(now);
  assert.deepEqual([again.epoch, again.people, again.host], [0, [], true]);
  dropAll(old, guest, again);
  await second.stop();
  own.remove();
});

test("nothing sealed, no participant and no token is in the log; the store has hashes and the card", async () => {
  const own = makeFolder();
  const quiet = await Server.start(own.folder, ["--log.level=debug"]);
  const meeting = await makeMeeting(quiet, quiet.startToken);
  const host = await begin(meeting);
  const guest = await wait(meeting);
  const sealed = Object.fromEntries(["card", "knock", "reply", "message", "commit"].map((what) => [what, blob()]));
  host.send({ type: "card", sealed: sealed.card });
  guest.send({ type: "knock", sealed: sealed.knock });
  await host.hear("knocked");
  host.send({ type: "reply", participant: guest.participant, sealed: sealed.reply, final: false });
  await guest.hear("replied");
  await commit(host, 0, { sealed: sealed.commit });
  host.send({ type: "message", sealed: sealed.message });
  await later(50);
  await quiet.stop();
  const log = JSON.stringify(quiet.log);
  const store = execFileSync("sh", ["-c", `cat ${own.folder}/store/*`]).toString("latin1");
  for (const secret of [...Object.values(sealed), host.participant, guest.participant, host.resume, guest.resume, meeting.proof, meeting.host, meeting.meeting])
    assert.ok(!log.includes(secret));
  for (const secret of ["knock", "reply", "message", "commit"]) assert.ok(!store.includes(sealed[secret]), secret);
  for (const secret of [meeting.proof, meeting.host, host.resume, guest.participant])
    assert.ok(!store.includes(Buffer.from(secret, "base64url").toString("latin1")));
  own.remove();
});
