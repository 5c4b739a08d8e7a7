// A server that lies, alone and with a member or somebody who waits: every lie ends in a refusal, or in
// something that people are told (SEC-10, SEC-11, SEC-26). docs/security.md says what holds; the rules one
// by one are in tests/e2ee.
//
//   host, guests, accomplices ---- WebSocket ---- evil server ---- WebSocket ---- incamera serve
//          \------------------------------ UDP ------------------------------ incamera-media
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { EvilServer } from "../lib/evil_server.mjs";
import { Client, MEDIA, picture, tone } from "./lib/client.mjs";
import { agree, cameBack, epochOf, isRequest, lead, Scene, saw } from "./lib/evil_scene.mjs";
import { makeFolder, Server } from "./lib/server.mjs";

const AV = ["--pattern", 200_000, "--tone"];
const ACCOMPLICE = { habit: "accomplice" };
const BY_THE_SIGNER = 100 + 7; // IC_DOOR_WELCOME_SIGNER: who let us in may not admit anybody
const { folder, remove } = makeFolder();
let server;

before(async () => {
  server = await Server.start(folder, MEDIA);
});
after(async () => {
  await server.stop();
  remove();
});

const open = (t, ...host) => Scene.open(t, server, folder, ...host);
const text = (bytes) => bytes.toString("base64url");

/** The honest ones are told of a commit that they refuse, and go on together. */
async function refuse(scene, froms, ...honest) {
  for (const [i, each] of honest.entries()) await each.event("wrong_commit", undefined, { from: froms[i] });
  scene.host.say("rekey");
  await sleep(800);
  await agree(...honest);
}
const now = (...all) => all.map((each) => each.lines.length);

async function growth(client, ms) {
  const before = await client.count();
  await sleep(ms);
  const after = await client.count();
  return Object.fromEntries(["packets_in", "frames_in", "decrypted"].map((key) => [key, after[key] - before[key]]));
}

describe("an evil server", { concurrency: 6, timeout: 60_000 }, () => {
  test("and a member bring a ghost in: nobody follows, and nobody is shown (SEC-10, SEC-11)", async (t) => {
    const scene = await open(t);
    const layla = await scene.comeIn("Layla");
    const mallory = await scene.comeIn("Mallory", ACCOMPLICE);
    const ghost = await scene.come("Ghost", ACCOMPLICE);
    await scene.host.event("knock", (event) => event.name === "Ghost");
    const from = now(scene.host, layla);
    const members = (each) => each.lines.findLast((line) => line.event === "epoch").members;
    const welcome = await scene.conspire(mallory, "evil-add", await scene.conspire(ghost, "evil-package"));
    scene.sayJoined(ghost, { welcome: text(welcome), epoch: epochOf(scene.host) + 1 });
    await refuse(scene, from, scene.host, layla);
    for (const each of [scene.host, layla]) {
      assert.ok(!saw(each, "person", (event) => event.name === "Ghost"));
      assert.equal(members(each), 3);
    }
    assert.ok(!saw(ghost, "entered"));
  });

  test("and a member let somebody in by a commit from outside: nobody follows (SEC-10)", async (t) => {
    const scene = await open(t);
    const layla = await scene.comeIn("Layla");
    const mallory = await scene.comeIn("Mallory", ACCOMPLICE);
    const ghost = await scene.come("Ghost", ACCOMPLICE);
    await scene.host.event("knock", (event) => event.name === "Ghost");
    const from = now(scene.host, layla);
    const info = await scene.conspire(mallory, "evil-info");
    const commit = await scene.conspire(ghost, "evil-external", info);
    mallory.wire.say({ type: "commit", epoch: await agree(scene.host, layla), sealed: text(commit) });
    await refuse(scene, from, scene.host, layla);
    for (const each of [scene.host, layla]) assert.ok(!saw(each, "person", (event) => event.name === "Ghost"));
  });

  test("and a member send a commit that nobody can open: all are told, and go on together without having left (SEC-26)", async (t) => {
    const scene = await open(t, AV);
    const layla = await scene.comeIn("Layla", { args: AV });
    const kofi = await scene.comeIn("Kofi");
    const mallory = await scene.comeIn("Mallory", ACCOMPLICE);
    const honest = [scene.host, layla, kofi];
    const epoch = await agree(...honest);
    const from = now(...honest);
    const began = Date.now();
    await scene.conspire(mallory, "evil-poison");
    await Promise.all(honest.map((each, i) => each.event("behind", undefined, { from: from[i] })));
    await Promise.all(honest.map((each, i) => each.event("wrong_commit", undefined, { from: from[i] })));
    t.diagnostic(`taken back after ${Date.now() - began} ms`);
    scene.host.say("remove Mallory");
    await kofi.event("person_left", undefined, { from: from[2] });
    assert.equal(await agree(...honest), epoch + 1);
    for (const [i, each] of honest.entries())
      assert.ok(!each.lines.slice(from[i]).some(({ event }) => event === "entered" || event === "silenced"));
    assert.ok((await growth(layla, 1000)).decrypted > 0);
  });

  test("keeps the door open that the host has shut: who comes does not go in, and no member follows (SEC-11)", async (t) => {
    const scene = await open(t);
    const layla = await scene.comeIn("Layla");
    const mallory = await scene.comeIn("Mallory", ACCOMPLICE);
    const state = (flags) => layla.event("state", (event) => (event.flags & 2) === flags, { from: now(layla)[0] });
    const opened = state(0);
    scene.host.say("open-room");
    await opened;
    const ghost = await scene.come("Ghost", ACCOMPLICE);
    await ghost.event("entered"); // while it is open, it may
    scene.host.say("remove Ghost");
    const shut = state(2);
    scene.host.say("close-room");
    await shut;
    const [{ info }, { card }] = ["info", "card"].map((key) => ghost.wire.lastWith(key));
    const stale = (message) =>
      message.type === "waiting" ? { ...message, info, card } : message.type === "carded" ? null : message;
    const link = scene.host.lines.findLast((line) => line.event === "link").fragment;
    const sam = await scene.come("Sam", { link: scene.link.replace(/#.*/, `#${link}`), lie: (wire) => (wire.down = stale) });
    await sleep(1500);
    assert.ok(!saw(sam, "entered") && !saw(sam, "person"));
    // And the accomplice, inside, gives what an honest member would not.
    const from = now(scene.host, layla);
    const cheat = await scene.come("Cheat", { habit: "accomplice", link: scene.link.replace(/#.*/, `#${link}`) });
    await scene.host.event("knock", (event) => event.name === "Cheat");
    const epoch = await agree(scene.host, layla, mallory);
    const commit = await scene.conspire(cheat, "evil-external", await scene.conspire(mallory, "evil-info"));
    mallory.wire.say({ type: "commit", epoch, sealed: text(commit) });
    await refuse(scene, from, scene.host, layla);
    assert.ok(!saw(layla, "person", (event) => event.name === "Cheat"));
  });

  test("says that somebody who waits is in, though no host let it in: it gets no key and shows nothing (SEC-11)", async (t) => {
    const scene = await open(t);
    const layla = await scene.comeIn("Layla");
    const sam = await scene.come("Sam");
    await scene.host.event("knock", (event) => event.name === "Sam");
    const epoch = await agree(scene.host, layla);
    const people = [scene.host, layla].map((each) => each.wire.participant);
    scene.sayJoined(sam, { epoch, people });
    scene.sayJoined(sam, { epoch, people, behind: true });
    scene.sayJoined(sam, { epoch, people, welcome: layla.wire.last("joined").welcome }); // another's
    const spoilt = Buffer.from(layla.wire.last("joined").welcome, "base64url");
    spoilt[spoilt.length >> 1] ^= 1;
    scene.sayJoined(sam, { epoch, people, welcome: text(spoilt) });
    await sleep(1000);
    assert.ok(!saw(sam, "entered") && !saw(sam, "person"));
    assert.ok(!saw(scene.host, "person", (event) => event.name === "Sam"));
    assert.equal((await sam.count()).decrypted, 0);
  });

  test("gives all that it has to somebody who waits: no name, title, word, roster or count comes out (ACC-02, ACC-03)", async (t) => {
    const scene = await open(t, ["--tone"]);
    const layla = await scene.comeIn("Layla Rahman");
    const kofi = await scene.comeIn("Kofi Mensah");
    await agree(scene.host, layla, kofi);
    scene.host.say("title Canary placement review");
    await kofi.event("title", ({ title }) => title !== undefined);
    scene.host.say("chat The canary is yellow");
    await kofi.event("chat");
    const from = scene.host.lines.length;
    scene.host.say("remove Layla Rahman");
    await kofi.event("person_left");
    const { fragment } = await scene.host.event("link", undefined, { from });
    await sleep(500); // the server knows which proof is good now
    const sam = await scene.come("Sam", { link: scene.link.replace(/#.*/, `#${fragment}`) });
    await scene.host.event("knock", (event) => event.name === "Sam");
    const wires = scene.evil.wires.filter((wire) => wire !== sam.wire);
    const known = wires.flatMap((wire) => [...wire.downs, ...wire.ups]);
    assert.ok(known.length > 20);
    const { participant, resume } = sam.wire.last("waiting");
    for (const message of known.filter(({ type }) => !["ended", "removed", "replaced", "waiting"].includes(type)))
      sam.wire.tell(message.type === "joined" ? { ...message, participant, resume } : message);
    await sleep(1000);
    const shown = sam.lines.filter((line) => line.event).map((line) => line.event);
    assert.deepEqual([...new Set(shown)].sort(), ["attended", "card"]);
    assert.ok(sam.lines.every((line) => !(line.people > 0) && line.title === undefined));
    // Nor is any of it in the bytes themselves.
    const values = (value) => (value && typeof value === "object" ? Object.values(value).flatMap(values) : [`${value}`]);
    const bytes = Buffer.concat(known.flatMap(values).flatMap((each) => [Buffer.from(each), Buffer.from(each, "base64url")]));
    assert.ok(bytes.includes(Buffer.from(layla.wire.participant, "base64url")));
    for (const word of ["Layla Rahman", "Kofi Mensah", "canary", "placement"]) assert.equal(bytes.indexOf(word), -1, word);
  });

  test("and a member copy the signed state into a group of their own: who is welcomed there does not go in", async (t) => {
    const scene = await open(t);
    const mallory = await scene.comeIn("Mallory", ACCOMPLICE);
    const victim = await scene.come("Sam", ACCOMPLICE); // honest, but for telling its KeyPackage
    await scene.host.event("knock", (event) => event.name === "Sam");
    const welcome = await scene.conspire(mallory, "evil-welcome", await scene.conspire(victim, "evil-package"));
    scene.sayJoined(victim, { welcome: text(welcome), people: [mallory.wire.participant] });
    const { reason } = await victim.event("card_bad");
    assert.equal(reason, BY_THE_SIGNER); // and not by what would notice after it
    assert.equal((await victim.exited).code, 1);
    assert.match(victim.complaints, /not of the host that the link names/);
    assert.ok(!saw(victim, "entered") && !saw(victim, "person"));
  });

  test("shows who comes back a group that a member founded, with the signed state copied: it goes out and says why (SEC-11)", async (t) => {
    const scene = await open(t);
    const mallory = await scene.comeIn("Mallory", ACCOMPLICE);
    const sam = await scene.comeIn("Sam");
    await agree(scene.host, sam);
    const asked = await cameBack(scene, sam);
    const welcome = await scene.conspire(mallory, "evil-welcome", await scene.conspire(mallory, "evil-requested", asked));
    const from = sam.lines.length;
    scene.sayJoined(sam, { welcome: text(welcome), people: [mallory.wire.participant] });
    assert.equal((await sam.exited).code, 1);
    assert.match(sam.complaints, /not of the host that the link names/);
    assert.ok(!sam.lines.slice(from).some(({ event }) => event === "entered" || event === "person"));
  });

  test("brings who comes back into the old group of somebody removed: it is told, sends nothing and opens nothing (SEC-10, SEC-26)", async (t) => {
    const scene = await open(t);
    const layla = await scene.comeIn("Layla", { args: AV });
    const mallory = await scene.comeIn("Mallory", { ...ACCOMPLICE, args: AV });
    const sam = await scene.comeIn("Sam", { args: AV });
    await agree(scene.host, layla, sam);
    assert.ok((await growth(sam, 1000)).decrypted > 0);
    lead(scene, mallory, [sam]);
    const hidden = (message) => (["committed", "left"].includes(message.type) ? null : message);
    sam.wire.down = hidden;
    scene.host.wire.up = (message) => (message.type === "commit" ? { ...message, removed: undefined } : message);
    const from = now(layla, sam);
    scene.host.say("remove Mallory");
    await layla.event("epoch", undefined, { from: from[0] });
    const next = scene.evil.next().then((wire) => {
      wire.down = (message) => (message.type === "joined" ? { ...message, behind: true } : hidden(message));
      wire.up = (message) => {
        if (!isRequest(message)) return message;
        mallory.wire.tell({ type: "knocked", participant: wire.participant, sealed: message.sealed, returning: true });
        return null;
      };
      return wire;
    });
    sam.wire.cut();
    sam.wire = await next;
    await sam.event("silenced", (event) => event.silenced === 1, { from: from[1], ms: 20_000 });
    await sam.event("entered", undefined, { from: from[1] }); // there, where Mallory is
    await scene.conspire(mallory, "evil-app", Buffer.from("\x03\x10Now we are alone"));
    await sleep(1000);
    const { packets_in, decrypted } = await growth(sam, 2000);
    assert.ok(packets_in > 0);
    assert.equal(decrypted, 0);
    assert.equal((await growth(mallory, 1000)).decrypted, 0);
    assert.ok(!saw(sam, "chat"));
  });

  test("puts another's KeyPackage in the place of a knock: the host sees no such person (SEC-08)", async (t) => {
    const scene = await open(t);
    const mallory = await scene.come("Mallory");
    await scene.host.event("knock", (event) => event.name === "Mallory");
    const { sealed } = mallory.wire.lastSaid("knock");
    const lie = (wire) => {
      wire.up = (message) => (message.type === "knock" ? { ...message, sealed } : message);
    };
    const sam = await scene.come("Sam", { lie });
    await sleep(1500);
    assert.ok(!saw(scene.host, "knock", (event) => event.name === "Sam"));
  });

  test("hides the card from a host that begins again: refused, asked or told in words, by what its device knows (ACC-20, SEC-11)", async (t) => {
    const scene = await open(t);
    const { host_link: own } = await scene.host.line((line) => line.host_link);
    scene.host.say("passcode open sesame");
    await scene.host.event("state", (event) => event.flags & 4);
    scene.host.say("leave");
    await scene.host.exited;
    const lie = (wire) => (wire.down = ({ card: _, ...message }) => message);

    // Its device was in it: locked, with a new link.
    const again = scene.evil.next().then(lie);
    const knows = new Client([own, "--name", "Host", "--again"]);
    await again;
    assert.equal((await knows.exited).code, 1);
    assert.match(knows.complaints, /the server hides the meeting as it was/);
    // It was not, as far as it knows: told that this is as a first meeting.
    const isNew = await scene.come("Host", { link: own, lie });
    assert.equal((await isNew.event("settings_lost")).lost, 3);
    assert.equal((await isNew.event("state")).flags, 2);
    isNew.say("leave");
    await isNew.exited;
    assert.ok(isNew.wire.ups.some(({ type }) => type === "card")); // and honestly shown, this card is read
    const told = await scene.come("Host", { link: own, args: ["--again"] });
    assert.equal((await told.event("settings_lost")).lost, 0);
  });

  test("keeps a removal from somebody: it stops sending and says so (SEC-26, ACC-08)", async (t) => {
    const scene = await open(t, AV);
    const layla = await scene.comeIn("Layla", { args: AV });
    const mallory = await scene.comeIn("Mallory", ACCOMPLICE);
    await agree(scene.host, layla);
    layla.wire.down = (message) => (message.type === "committed" || message.type === "left" ? null : message);
    const from = Date.now();
    scene.host.say("remove Mallory");
    await layla.event("silenced", (event) => event.silenced === 1);
    t.diagnostic(`silent after ${Date.now() - from} ms`);
    assert.ok(Date.now() - from < 19_000); // 15 s, and what a busy computer takes
    await sleep(300);
    assert.equal((await growth(scene.host, 1000)).decrypted, 0);
    mallory.kill();
  });

  test("splits the group in two: both halves are shown who is elsewhere (SEC-08)", async (t) => {
    const scene = await open(t);
    const layla = await scene.comeIn("Layla");
    const kofi = await scene.comeIn("Kofi");
    const epoch = await agree(scene.host, layla, kofi);
    // The host's commit goes to the host alone, Layla's to Layla and Kofi.
    for (const each of [layla, kofi]) each.wire.down = (message) => (message.type === "committed" ? null : message);
    layla.wire.up = (message) => {
      if (message.type !== "commit") return message;
      const said = { type: "committed", epoch: message.epoch, from: layla.wire.participant, sealed: message.sealed };
      for (const each of [layla, kofi]) each.wire.tell(said);
      return null;
    };
    const from = now(scene.host, layla, kofi);
    scene.host.say("rekey");
    layla.say("rekey");
    const halves = [scene.host, layla, kofi];
    for (const [i, each] of halves.entries())
      await each.event("elsewhere", (event) => event.elsewhere === 1, { from: from[i], ms: 15_000 });
    assert.equal(await agree(layla, kofi), epoch + 1);
    const authenticators = [scene.host, layla].map((each) => each.lines.findLast((l) => l.event === "epoch").authenticator);
    assert.notEqual(authenticators[0], authenticators[1]);
  });

  test("reorders, repeats and drops commits: the same epoch comes of it, or a return", async (t) => {
    const scene = await open(t);
    const layla = await scene.comeIn("Layla");
    await agree(scene.host, layla);
    const release = layla.wire.hold((message) => message.type === "committed");
    for (let i = 0; i < 3; i++) {
      scene.host.say("rekey");
      await sleep(400);
    }
    release((held) => [...held].reverse().flatMap((message) => [message, message]));
    await agree(scene.host, layla);
    assert.ok(!saw(layla, "behind") && !saw(layla, "wrong_commit"));

    let lost = 0;
    layla.wire.down = (message) => (message.type === "committed" && lost++ === 0 ? null : message);
    for (let i = 0; i < 2; i++) {
      scene.host.say("rekey");
      await sleep(400);
    }
    await layla.event("behind");
    await agree(scene.host, layla);
    assert.ok(lost > 1);
  });

  test("repeats, edits and re-addresses chat: it arrives once, by whom it is (CHT-11)", async (t) => {
    const scene = await open(t);
    const layla = await scene.comeIn("Layla");
    const kofi = await scene.comeIn("Kofi");
    await agree(scene.host, layla, kofi);
    const from = now(layla)[0];
    layla.wire.down = (message) => {
      if (message.type !== "message") return message;
      const bytes = Buffer.from(message.sealed, "base64url");
      bytes[bytes.length - 1] ^= 1;
      return [{ ...message, sealed: text(bytes) }, { ...message, from: kofi.wire.participant }, message, message];
    };
    scene.host.say("chat Hello");
    await layla.event("chat", undefined, { from });
    await sleep(500);
    const chats = layla.lines.filter((line) => line.event === "chat");
    assert.deepEqual(chats.map(({ leaf, text }) => [leaf, text]), [[0, "Hello"]]);
  });

  test("says that somebody is gone: a lost connection is shown, no link or right changes", async (t) => {
    const scene = await open(t);
    const layla = await scene.comeIn("Layla");
    const kofi = await scene.comeIn("Kofi");
    await agree(scene.host, layla, kofi);
    for (const { wire } of [scene.host, kofi]) {
      wire.down = (message) => (message.type === "message" ? null : message); // a word of hers would give the lie away
      wire.tell({ type: "left", participant: layla.wire.participant, gone: true });
    }
    const { reason } = await kofi.event("person_left");
    for (const { wire } of [scene.host, kofi]) wire.down = (message) => message;
    assert.equal(reason, 1); // IC_LEFT_GONE, and not removed by a host
    assert.ok(!saw(kofi, "wrong_commit"));
    for (const each of [scene.host, kofi]) assert.equal(each.lines.filter((line) => line.event === "link").length, 1);
    await agree(scene.host, kofi);
  });

  test("swaps whom the slots show: nothing is opened under another's name (SEC-10)", async (t) => {
    const scene = await open(t);
    const senders = [await scene.comeIn("Layla", { args: ["--tone"] }), await scene.comeIn("Kofi", { args: ["--tone"] })];
    await scene.host.line((line) => line.audio_in > 40);
    const [one, other] = senders.map((each) => each.wire.participant);
    const swapped = (slot) => ({ ...slot, participant: slot.participant === one ? other : one });
    const sam = await scene.come("Sam");
    sam.wire.down = (message) => (message.type === "slots" ? { ...message, slots: message.slots.map(swapped) } : message);
    await scene.letIn(sam);
    await sam.line((line) => line.frames_in > 20);
    const count = await sam.count();
    assert.equal(count.decrypted, 0);
    assert.equal(sam.wire.last("slots").slots.length, 2);
    assert.ok(count.unexpected > 0);
  });

  test("and a member show one voice in two slots: each of its frames is heard once (SEC-10)", async (t) => {
    const scene = await open(t);
    const layla = await scene.comeIn("Layla", { args: ["--tone"] });
    const echo = await scene.comeIn("Echo", { habit: "echo", args: ["--tone"] }); // sends on what she seals
    await scene.host.line((line) => line.audio_in > 40);
    const [voice, copy] = [layla, echo].map((each) => each.wire.participant);
    const asHers = (slot) => ({ ...slot, participant: slot.participant === copy ? voice : slot.participant });
    const sam = await scene.come("Sam");
    sam.wire.down = (message) => (message.type === "slots" ? { ...message, slots: message.slots.map(asHers) } : message);
    await scene.letIn(sam);
    await sam.line((line) => line.audio_in > 20);
    const shown = sam.wire.last("slots").slots.map(({ participant }) => participant);
    assert.ok(shown.includes(voice) && shown.includes(copy));
    const { frames_in, decrypted } = await growth(sam, 3000);
    t.diagnostic(`${frames_in} frames of one voice in two slots, ${decrypted} opened`);
    assert.ok(frames_in > 1.4 * decrypted && decrypted > 20);
  });

  test("and a member show a screen that nobody allowed, or a camera as a screen: it is opened by nobody (ACC-06)", async (t) => {
    const scene = await open(t);
    const layla = await scene.comeIn("Layla", { args: ["--pattern", 200_000] });
    const faker = await scene.comeIn("Faker", { args: ["--screen", picture(), "--screen-audio", tone(700)] });
    await scene.host.line((line) => line.video_in > 10);
    const stageOf = (who) => who.wire.lastSaid("connect").lines.find(({ slot }) => slot === "stage").mid;
    const sam = await scene.come("Sam");
    const show = (message) => [
      ...message.slots,
      { mid: stageOf(sam), participant: faker.wire.participant, stream: "screen", height: 360 },
    ];
    sam.wire.up = (message) => (message.type === "show" ? { ...message, slots: show(message) } : message);
    sam.wire.down = (message) =>
      message.type === "slots"
        ? { ...message, slots: message.slots.map((slot) => ({ ...slot, stream: slot.stream === "camera" ? "screen" : slot.stream })) }
        : message;
    await scene.letIn(sam);
    await sam.line((line) => line.frames_in > 60);
    assert.equal((await sam.count()).decrypted, 0);
    assert.ok(sam.wire.last("slots").slots.some(({ participant }) => participant === layla.wire.participant));
    assert.ok(sam.wire.last("slots").slots.some(({ stream }) => stream === "screen"));
    assert.ok(!saw(sam, "presence", (event) => event.leaf === 2 && event.presence & 12)); // screen, screen sound
  });

  test("and a member start the group anew in an older suite: nobody follows (UPD-05)", async (t) => {
    const scene = await open(t);
    const layla = await scene.comeIn("Layla");
    const mallory = await scene.comeIn("Mallory", ACCOMPLICE);
    const from = now(scene.host, layla);
    await scene.conspire(mallory, "evil-reinit");
    await refuse(scene, from, scene.host, layla);
  });

  test("and a member ask for less than post-quantum keys: nobody follows (UPD-05)", async (t) => {
    const scene = await open(t);
    const layla = await scene.comeIn("Layla");
    const mallory = await scene.comeIn("Mallory", ACCOMPLICE);
    const from = now(scene.host, layla);
    await scene.conspire(mallory, "evil-weaken");
    await refuse(scene, from, scene.host, layla);
  });

  test("speaks an older protocol: the client does not talk to it (UPD-05)", async (t) => {
    const scene = await open(t);
    const old = await EvilServer.start(server.port, { protocol: "incamera.0" });
    t.after(() => old.close());
    const guest = new Client([old.address(scene.link), "--name", "Sam", "--seconds", 3]);
    assert.equal((await guest.exited).code, 1);
    assert.ok(old.wires.every((wire) => wire.ups.length === 0));
  });

  test("and a member ask somebody to unmute: no such word exists", async (t) => {
    const scene = await open(t, ["--tone"]);
    const layla = await scene.comeIn("Layla");
    const mallory = await scene.comeIn("Mallory", ACCOMPLICE);
    await agree(scene.host, layla, mallory);
    const { participant } = layla.wire;
    const lines = layla.lines.length;
    const mute = Buffer.concat([Buffer.from([8]), Buffer.from(participant, "base64url"), Buffer.from([1])]);
    for (const content of [mute, Buffer.from([255, ...mute]), Buffer.from([9])])
      await scene.conspire(mallory, "evil-app", content);
    layla.wire.tell({ type: "live", streams: [{ stream: "microphone" }] });
    layla.wire.tell({ type: "unmute", participant, streams: ["microphone"] });
    await sleep(2000);
    const told = layla.lines.slice(lines).map((line) => line.event);
    const usual = ["epoch", "presence", "first_audio"];
    assert.deepEqual(told.filter((event) => event && !usual.includes(event)), []);
    assert.ok(!scene.evil.wires.some((wire) => wire.participant === participant && wire.lastSaid("live")));
  });

  test("goes on sending to who was removed: of the new epoch it opens nothing (SEC-06)", async (t) => {
    const scene = await open(t, AV);
    const layla = await scene.comeIn("Layla", { args: AV });
    const mallory = await scene.comeIn("Mallory", { habit: "stay" });
    await mallory.line((line) => line.video_in > 20 && line.audio_in > 40);
    const epoch = await agree(scene.host, layla, mallory);
    scene.host.wire.up = (message) => (message.type === "commit" ? { ...message, removed: undefined } : message);
    mallory.wire.down = (message) => (message.type === "committed" && message.epoch === epoch ? null : message);
    const from = layla.lines.length;
    scene.host.say("remove Mallory");
    await layla.event("epoch", undefined, { from });
    await sleep(600);
    scene.host.say("rekey");
    layla.say("chat Mallory is out");
    const later = await growth(mallory, 4000);
    assert.ok(later.frames_in > 100 || later.packets_in > 100, JSON.stringify(later));
    assert.equal(later.decrypted, 0);
    assert.ok(!saw(mallory, "chat"));
  });
});
