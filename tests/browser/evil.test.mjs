// A server that lies to browsers, alone and with a member: the person sees the refusal, or the warning
// (SEC-08, SEC-10, SEC-11, SEC-26). The same lies to the headless client: tests/system/evil.test.mjs.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { picture as movingPicture, tone } from "../system/lib/client.mjs";
import { agree, epochOf, Scene } from "../system/lib/evil_scene.mjs";
import { ask, inside, picture, turnOn } from "./lib/meeting.mjs";
import { chromium, firefox } from "./lib/people.mjs";
import { root, sleep, startServer } from "./lib/server.mjs";
import { hears, listen, look } from "./lib/watch.mjs";

const ACCOMPLICE = { habit: "accomplice" };
const screens = join(root, "build/screens");
mkdirSync(screens, { recursive: true });

describe("an evil server", { timeout: 180_000 }, () => {
  let server, sam, fox;
  const endings = [];
  const ending = { after: (end) => endings.push(end) };
  before(async () => {
    server = await startServer({ port: 18151 });
    server.port = 18151;
    [sam, fox] = await Promise.all([chromium({ name: "Sam" }), firefox({ name: "Fox" })]);
  });
  after(async () => {
    await Promise.all([sam?.close(), fox?.close()]);
    for (const end of endings) await end();
    await server?.end();
  });

  const sees = (person, words, ms = 8000) =>
    person.until((wanted) => document.body.innerText.includes(wanted), words, ms, words);
  const tiles = (person) =>
    person.evaluate(() => [...document.querySelectorAll("[data-person]")].map((tile) => tile.textContent));

  /** A browser knocks in a scene; `lie` gets its wire first. */
  async function knock(scene, person, link, lie = () => {}) {
    const next = scene.evil.next().then((wire) => {
      lie(wire);
      return wire;
    });
    await person.open("about:blank");
    await person.open(link);
    await ask(person, person.name);
    person.wire = await next;
  }

  async function letIn(scene, person) {
    await scene.host.event("knock", (event) => event.name === person.name);
    scene.host.say(`admit ${person.name}`);
    await inside(person);
  }

  async function knockAndEnter(scene, person) {
    await knock(scene, person, scene.link);
    await letIn(scene, person);
  }

  describe("in a meeting", () => {
    let scene, layla, mallory;
    before(async () => {
      scene = await Scene.open(ending, server, server.data);
      layla = await scene.comeIn("Layla", { args: ["--video", movingPicture(), "--audio", tone(330)] });
      mallory = await scene.comeIn("Mallory", { ...ACCOMPLICE, args: ["--audio", tone(520)] });
    });

    test("says that who waits is in, with another's Welcome: the page goes on waiting (SEC-11)", async () => {
      await knock(scene, sam, scene.link);
      await scene.host.event("knock", (event) => event.name === "Sam");
      const { welcome } = mallory.wire.last("joined");
      const people = [scene.host, layla].map((each) => each.wire.participant);
      for (const more of [{ welcome }, { behind: true }, {}])
        scene.sayJoined(sam, { epoch: epochOf(scene.host), people, ...more });
      await sleep(1500);
      assert.deepEqual(await tiles(sam), []);
      await sees(sam, "told the host", 1000);
      assert.ok(!(await sam.evaluate(() => document.body.innerText)).includes("Layla"));
    });

    test("and a member bring in a ghost: both browsers say that it was refused, and show nobody (SEC-10)", async () => {
      await scene.host.event("knock", (event) => event.name === "Sam");
      await letIn(scene, sam);
      await knockAndEnter(scene, fox);
      const ghost = await scene.come("Ghost", ACCOMPLICE);
      await scene.host.event("knock", (event) => event.name === "Ghost");
      const seen = [sam, fox].map((person) => sees(person, "Your device refused it"));
      await scene.conspire(mallory, "evil-add", await scene.conspire(ghost, "evil-package"));
      await Promise.all(seen);
      await sam.picture(join(screens, "evil-ghost.png"));
      for (const person of [sam, fox]) assert.ok(!(await tiles(person)).some((tile) => tile.includes("Ghost")));
      await agree(scene.host, layla);
    });

    test("swaps whom the slots show: nobody is shown or heard under another's name (SEC-10)", async () => {
      await picture(sam, "Layla");
      await hears(sam, 330, 520);
      const swap = (message) => {
        if (message.type !== "slots") return message;
        const [one, other] = [layla, mallory].map((each) => each.wire.participant);
        const swapped = { [one]: other, [other]: one };
        return { ...message, slots: message.slots.map((s) => ({ ...s, participant: swapped[s.participant] ?? s.participant })) };
      };
      sam.wire.down = swap;
      sam.wire.tell(swap(sam.wire.last("slots")));
      await sleep(1000);
      assert.ok((await look(sam, "Layla", 1500)).changes < 3);
      assert.ok((await look(sam, "Mallory", 1500)).changes < 3);
      for (const which of [0, 1]) assert.ok((await listen(sam, 1500, which)).loudness < 0.01);
      sam.wire.down = (message) => message;
      sam.wire.tell(sam.wire.last("slots"));
      await hears(sam, 330, 520);
    });

    test("keeps a removal from the browsers: they stop sending and say so (SEC-26)", async () => {
      for (const person of [sam, fox]) await turnOn(person, "Microphone");
      await sleep(500);
      for (const person of [sam, fox])
        person.wire.down = (message) => (["committed", "left"].includes(message.type) ? null : message);
      scene.host.say("remove Mallory");
      await Promise.all([sam, fox].map((person) => sees(person, "Your device has stopped sending", 22_000)));
      await sam.picture(join(screens, "evil-removal.png"));
      await sleep(1000);
      const heard = (await scene.host.count()).decrypted;
      await sleep(1000);
      const { decrypted } = await scene.host.count();
      assert.ok(decrypted - heard < 120, `${decrypted - heard} frames`); // Layla sends 80; the two would send 100 more
    });
  });

  test("shows the card of before, from when the link was another: the page does not knock (SEC-11)", async () => {
    const scene = await Scene.open(ending, server, server.data);
    const guest = await scene.come("Guest");
    await guest.event("card");
    const { card } = guest.wire.last("waiting");
    const known = scene.host.lines.length;
    scene.host.say("replace-link");
    const { fragment } = await scene.host.event("link", undefined, { from: known });
    await sleep(300);
    const stale = (message) => ("card" in message ? { ...message, card } : message.type === "carded" ? null : message);
    await knock(scene, sam, scene.link.replace(/#.*/, `#${fragment}`), (wire) => {
      wire.down = stale;
    });
    await sees(sam, "not of the host who made this link");
    assert.ok(!sam.wire.lastSaid("knock"));
  });

  test("splits the group in two: both browsers name who is in another room (SEC-08)", async () => {
    const scene = await Scene.open(ending, server, server.data);
    const layla = await scene.comeIn("Layla");
    for (const person of [sam, fox]) await knockAndEnter(scene, person);
    await agree(scene.host, layla);
    const commits = [];
    for (const each of [scene.host, layla]) {
      each.wire.up = (message) => (message.type === "commit" ? void commits.push(message) : message);
      each.say("rekey");
    }
    while (commits.length < 2) await sleep(20);
    const deliver = (to, { epoch, sealed }, from) =>
      to.wire.tell({ type: "committed", epoch, sealed, from: from.wire.participant });
    const of = (each) => each.wire.lastSaid("commit");
    for (const each of [scene.host, sam]) deliver(each, of(scene.host), scene.host);
    for (const each of [layla, fox]) deliver(each, of(layla), layla);
    await Promise.all([sam, fox].map((person) => sees(person, "in another room", 15_000)));
    await sam.picture(join(screens, "evil-split.png"));
    const line = (person) =>
      person.evaluate(() => [...document.querySelectorAll(".alarm")].map((e) => e.innerText).join("\n"));
    assert.match(await line(sam), /another room: .*(Layla|Fox)/);
    assert.match(await line(fox), /another room: .*(Host|Sam)/);
  });
});
