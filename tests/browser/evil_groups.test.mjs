// A server that leads browsers into another group of the same meeting: one that a member founded, and
// into which the host's signed state is copied; and one that went on with somebody who was removed. And
// what somebody removed can still open (SEC-06, SEC-10, SEC-11). Its other lies: evil.test.mjs.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { picture as movingPicture, tone } from "../system/lib/client.mjs";
import { agree, bytesOf, cameBack, epochOf, isRequest, lead, said, Scene, withoutRequests } from "../system/lib/evil_scene.mjs";
import { ACCOMPLICE, hearsOnly, isCalm, isTold, knock, knockAndEnter, sees, tiles } from "./lib/evil.mjs";
import { inside, turnOn } from "./lib/meeting.mjs";
import { chromium, firefox } from "./lib/people.mjs";
import { root, sleep, startServer } from "./lib/server.mjs";

const NOBODY_VOUCHES = "Nobody confirms that these keys are current. Your device has stopped sending.";
const CHAT = 3; // the type of the application message
const screens = join(root, "build/screens");
mkdirSync(screens, { recursive: true });

const chatOf = (text) => Buffer.concat([Buffer.from([CHAT, text.length]), Buffer.from(text)]);

const isText = (person, words) => person.evaluate((wanted) => document.body.innerText.includes(wanted), words);

describe("an evil server, with another group", { timeout: 240_000 }, () => {
  let server, sam, fox;
  const endings = [];
  const ending = { after: (end) => endings.push(end) };
  before(async () => {
    server = await startServer({ port: 18161 });
    server.port = 18161;
    [sam, fox] = await Promise.all([chromium({ name: "Sam" }), firefox({ name: "Fox" })]);
  });
  after(async () => {
    await Promise.all([sam?.close(), fox?.close()]);
    for (const end of endings) await end();
    await server?.end();
  });

  const openChat = async (person) => {
    if (!(await person.evaluate(() => !!document.querySelector(".chat")))) await person.press("Chat");
  };

  /** Of at least `least` frames that come, how many there are and how many are opened; counts are told twice a second. */
  async function growth(person, least) {
    await sleep(1200);
    const before = await person.frames();
    for (const end = Date.now() + 20_000; Date.now() < end; ) {
      await sleep(600);
      const now = await person.frames();
      const came = now.came - before.came;
      if (came >= least) return { came, opened: now.opened - before.opened };
    }
    return assert.fail(`${least} frames do not come\n${await person.screen()}`);
  }

  test("and a member copy the signed state into a group of their own, and ask who waits into it: it is told, and shown and heard nothing (SEC-11)", async () => {
    const scene = await Scene.open(ending, server, server.data);
    await scene.comeIn("Layla");
    const mallory = await scene.comeIn("Mallory", ACCOMPLICE);
    for (const person of [sam, fox]) {
      await knock(scene, person, scene.link);
      await scene.host.event("knock", (event) => event.name === person.name);
      person.wire.up = withoutRequests;
      const { welcome: anothers } = mallory.wire.last("joined");
      scene.sayJoined(person, { welcome: anothers, epoch: epochOf(scene.host) });
      const { sealed } = await said(person.wire, isRequest);
      const asked = Buffer.concat([bytesOf(person.wire.participant), bytesOf(sealed)]);
      const welcome = await scene.conspire(mallory, "evil-welcome", await scene.conspire(mallory, "evil-requested", asked));
      lead(scene, mallory, [person], { relays: true });
      person.wire.up = person.wire.down = () => null; // they are among themselves
      scene.sayJoined(person, { welcome: welcome.toString("base64url"), epoch: 1, people: [mallory.wire.participant] });
      await inside(person);
      await sees(person, NOBODY_VOUCHES);
      await openChat(person);
      await scene.conspire(mallory, "evil-app", chatOf("Tell me all"));
      await sleep(1000);
      assert.ok(!(await isText(person, "Tell me all")) && !(await isText(person, "Layla")));
      assert.equal((await person.frames()).opened, 0);
      assert.ok(!person.wire.ups.some(({ type }) => type === "commit"));
      await person.picture(join(screens, `evil-forged-group-${person.name}.png`));
      await person.open("about:blank"); // its next socket is not to be taken for another's
    }
    assert.ok(!scene.host.lines.some((line) => line.event === "person" && ["Sam", "Fox"].includes(line.name)));
  });

  test("gives all that it has to who waits: no name, title, word, roster or count is shown (ACC-02, ACC-03)", async () => {
    const scene = await Scene.open(ending, server, server.data);
    const layla = await scene.comeIn("Layla Rahman", { args: ["--audio", tone(330)] });
    await agree(scene.host, layla);
    scene.host.say("title Canary placement review");
    await layla.event("title", ({ title }) => title !== undefined);
    scene.host.say("chat The canary is yellow");
    await layla.event("chat");
    const known = scene.evil.wires.flatMap(({ downs, ups }) => [...downs, ...ups]);
    assert.ok(known.length > 10);
    const ends = ["ended", "removed", "replaced", "waiting"];
    for (const person of [sam, fox]) {
      await knock(scene, person, scene.link);
      await scene.host.event("knock", (event) => event.name === person.name);
      const { participant, resume } = person.wire.last("waiting");
      for (const message of known.filter(({ type }) => !ends.includes(type)))
        person.wire.tell(message.type === "joined" ? { ...message, participant, resume } : message);
      await sleep(1500);
      assert.deepEqual(await tiles(person), []);
      const shown = await person.evaluate(() => document.body.innerText);
      assert.match(shown, /told the host/);
      assert.doesNotMatch(shown, /Layla|Rahman|canary|placement|people/i);
      assert.equal((await person.frames()).opened, 0);
      await person.open("about:blank");
    }
  });

  test("brings who comes back into the old group of somebody removed: it is told, sends nothing, and is shown and heard nothing (SEC-10, SEC-26)", async () => {
    const scene = await Scene.open(ending, server, server.data);
    const layla = await scene.comeIn("Layla", { args: ["--video", movingPicture(), "--audio", tone(330)] });
    const mallory = await scene.comeIn("Mallory", { ...ACCOMPLICE, args: ["--audio", tone(520)] });
    for (const person of [sam, fox]) await knockAndEnter(scene, person);
    for (const person of [sam, fox]) {
      await openChat(person);
      await hearsOnly(person, 330, 520);
    }
    for (const person of [sam, fox]) await turnOn(person, "Microphone");
    await scene.conspire(mallory, "evil-app", chatOf("Still with you"));
    for (const person of [sam, fox]) await sees(person, "Still with you");

    lead(scene, mallory, [sam, fox]);
    const hidden = (message) => (["committed", "left"].includes(message.type) ? null : message);
    for (const person of [sam, fox]) person.wire.down = hidden;
    scene.host.wire.up = (message) => (message.type === "commit" ? { ...message, removed: undefined } : message);
    const from = layla.lines.length;
    scene.host.say("remove Mallory");
    await layla.event("epoch", undefined, { from });
    for (const person of [sam, fox]) {
      const next = scene.evil.next().then((wire) => {
        wire.down = (message) => (message.type === "joined" ? { ...message, behind: true } : hidden(message));
        wire.up = (message) => {
          if (!isRequest(message)) return message;
          const { participant } = wire;
          mallory.wire.tell({ type: "knocked", participant, sealed: message.sealed, returning: true });
          return null;
        };
        return wire;
      });
      person.wire.cut();
      person.wire = await next;
    }
    for (const person of [sam, fox]) {
      await sees(person, NOBODY_VOUCHES, 15_000);
      await person.until(() => window.seenByTest.told.some(({ type, welcome }) => type === "joined" && welcome), null, 10_000, "brought there");
    }
    await scene.conspire(mallory, "evil-app", chatOf("Now we are alone"));
    await sam.picture(join(screens, "evil-stale-group.png"));
    for (const person of [sam, fox]) {
      const { came, opened } = await growth(person, 60);
      assert.equal(opened, 0, `${person.name}, of ${came}`);
      await hearsOnly(person);
      assert.ok(!(await isText(person, "Now we are alone")));
      await sees(person, NOBODY_VOUCHES, 1000);
    }
    const heard = (await mallory.count()).decrypted;
    assert.ok(heard > 0); // while she was in
    await sleep(2000);
    assert.equal((await mallory.count()).decrypted, heard);
  });

  test("shows who comes back a group that a member founded, with the signed state copied: the page goes out and says why (SEC-11)", async () => {
    const scene = await Scene.open(ending, server, server.data);
    const mallory = await scene.comeIn("Mallory", ACCOMPLICE);
    for (const person of [sam, fox]) await knockAndEnter(scene, person);
    await sleep(1000);
    for (const person of [sam, fox]) await turnOn(person, "Microphone");
    for (const person of [sam, fox]) {
      const request = await cameBack(scene, person);
      const welcome = await scene.conspire(mallory, "evil-welcome", await scene.conspire(mallory, "evil-requested", request));
      scene.sayJoined(person, { welcome: welcome.toString("base64url"), epoch: 1, people: [mallory.wire.participant] });
      await sees(person, "not of the host who made this link");
      assert.deepEqual(await tiles(person), []);
      await person.until(() => window.seenByTest.tracks.every(({ readyState }) => readyState === "ended"), null, 3000, "no device runs");
      await person.open("about:blank");
    }
  });

  test("has a member send a commit that nobody can open: both pages are told, and go on without having left (SEC-26)", async () => {
    const scene = await Scene.open(ending, server, server.data);
    const layla = await scene.comeIn("Layla", { args: ["--video", movingPicture(), "--audio", tone(330)] });
    const mallory = await scene.comeIn("Mallory", ACCOMPLICE);
    for (const person of [sam, fox]) await knockAndEnter(scene, person);
    await agree(scene.host, layla);
    for (const person of [sam, fox]) await person.until(isCalm, null, 15_000, "no notice");
    const told = [sam, fox].map((person) => person.until(isTold, "Your device refused it", 10_000, "refused"));
    await scene.conspire(mallory, "evil-poison");
    await Promise.all(told);
    await sam.picture(join(screens, "evil-poison.png"));
    const from = layla.lines.length;
    scene.host.say("remove Mallory");
    await layla.event("epoch", undefined, { from });
    for (const person of [sam, fox]) {
      const { came, opened } = await growth(person, 100);
      assert.ok(opened > 0.9 * came, `${person.name}: ${came} came, ${opened} opened`);
      assert.ok(!(await isText(person, NOBODY_VOUCHES)));
      assert.ok((await tiles(person)).some((tile) => tile.includes("Layla")));
      assert.ok(!person.wire.ups.some(({ type, epoch }) => type === "join" && epoch !== undefined));
    }
  });

  test("goes on sending to browsers that were removed: of the new epochs they open nothing (SEC-06)", async () => {
    const film = (hertz) => ["--video", movingPicture(), "--audio", tone(hertz)];
    const scene = await Scene.open(ending, server, server.data, film(440));
    const layla = await scene.comeIn("Layla", { args: film(330) });
    for (const person of [sam, fox]) await knockAndEnter(scene, person);
    for (const person of [sam, fox]) {
      await openChat(person);
      const { came, opened } = await growth(person, 100);
      assert.ok(opened > 0.9 * came, `${person.name}: ${came} came, ${opened} opened while in`);
    }
    scene.host.wire.up = (message) => (message.type === "commit" ? { ...message, removed: undefined } : message);
    const kept = new Map(); // commits: the first takes Sam out, the second Fox
    for (const person of [sam, fox]) {
      const held = [];
      kept.set(person, held);
      person.wire.down = (message) =>
        message.type === "committed" ? void held.push(message) : message.type === "left" ? null : message;
    }
    for (const person of [sam, fox]) {
      const from = layla.lines.length;
      scene.host.say(`remove ${person.name}`);
      await layla.event("epoch", undefined, { from });
    }
    fox.wire.tell(kept.get(fox)[0]);
    await sleep(600); // frames that were on their way
    layla.say("chat They are out");
    const opensNothing = async (person, when) => {
      const { came, opened } = await growth(person, 100);
      assert.equal(opened, 0, `${person.name}, of ${came}, ${when}`);
      assert.ok(!(await isText(person, "They are out")));
    };
    await Promise.all([sam, fox].map((person) => opensNothing(person, "as if nothing had been")));
    scene.host.say("rekey");
    await sleep(500);
    for (const [removal, person] of [sam, fox].entries()) {
      const later = kept.get(person).slice(removal + 1);
      assert.ok(later.length > 0);
      for (const message of later) person.wire.tell(message);
    }
    await Promise.all([sam, fox].map((person) => opensNothing(person, "with all commits but that one")));
    for (const person of [sam, fox]) {
      await sees(person, NOBODY_VOUCHES, 10_000);
      person.wire.tell({ type: "removed" });
      await sees(person, "You were removed by the host");
    }
  });

  test("plays to who comes late what was sent before: it opens nothing of it (SEC-06)", async () => {
    const scene = await Scene.open(ending, server, server.data);
    await scene.comeIn("Rex", { habit: "replay", args: ["--video", movingPicture(), "--audio", tone(780)] });
    await scene.host.line((line) => line.decrypted > 0 || line.repeated > 0); // his first frames, which he sends for ever
    for (const person of [sam, fox]) await knockAndEnter(scene, person);
    for (const person of [sam, fox]) {
      const { came, opened } = await growth(person, 100);
      assert.equal(opened, 0, `${person.name}, of ${came}`);
      await hearsOnly(person);
      assert.equal(await person.evaluate(() => document.querySelectorAll("[data-picture=on]").length), 0);
    }
  });

  test("keeps the door open that the host has shut, and takes in who comes: the page is with nobody, and told so (SEC-11)", async () => {
    const scene = await Scene.open(ending, server, server.data);
    const layla = await scene.comeIn("Layla", ACCOMPLICE);
    const mallory = await scene.comeIn("Mallory", ACCOMPLICE);
    const isSet = (flags) => layla.event("state", (event) => (event.flags & 2) === flags, { from: layla.lines.length });
    const opened = isSet(0);
    scene.host.say("open-room");
    await opened;
    const guest = await scene.come("Guest");
    await guest.event("entered"); // while it is open, it may
    await agree(scene.host, layla, mallory);
    const { card } = guest.wire.lastWith("card");
    guest.say("leave");
    await guest.exited;
    await mallory.event("person_left");
    const brought = [];
    lead(scene, mallory, brought, { relays: true }); // she stays where it is open
    let info = (await scene.conspire(mallory, "evil-door")).toString("base64url");
    const shut = isSet(2);
    scene.host.say("close-room");
    await shut;
    const shutDoor = (await scene.conspire(layla, "evil-door")).toString("base64url");
    const stands = (door) => (wire) => {
      wire.down = (message) =>
        message.type === "waiting" ? { ...message, info: door, card } : message.type === "carded" ? null : message;
      wire.up = (message) => (message.type === "commit" ? null : message); // an honest server would refuse it
    };
    for (const person of [sam, fox]) {
      await knock(scene, person, scene.link, stands(shutDoor));
      await scene.host.event("knock", (event) => event.name === person.name); // asks, and does not go in
      assert.ok(!person.wire.lastSaid("commit"));
      await knock(scene, person, scene.link, stands(info));
      const { epoch, sealed, info: next } = await said(person.wire, ({ type }) => type === "commit");
      const { participant } = person.wire;
      mallory.wire.tell({ type: "committed", epoch, sealed, from: participant });
      info = next;
      brought.splice(0, 1, person);
      person.wire.up = person.wire.down = () => null; // they are among themselves
      scene.sayJoined(person, { epoch: epoch + 1, people: [mallory.wire.participant] });
      await inside(person);
      await mallory.event("person", (event) => event.name === person.name);
      await sees(person, NOBODY_VOUCHES);
      await openChat(person);
      await scene.conspire(mallory, "evil-app", chatOf("The door is open"));
      await sleep(1000);
      assert.ok(!(await isText(person, "The door is open")));
      assert.equal((await person.frames()).opened, 0);
      await person.picture(join(screens, `evil-open-door-${person.name}.png`));
      await person.open("about:blank");
    }
    for (const each of [scene.host, layla])
      assert.ok(!each.lines.some((line) => line.event === "person" && ["Sam", "Fox"].includes(line.name)));
  });
});
