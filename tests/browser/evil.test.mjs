// A server that lies to browsers, alone and with a member: the person sees the refusal, or the warning
// (SEC-04, SEC-08, SEC-10, SEC-11, SEC-26, ACC-06, UPD-05). The same lies to the headless client: tests/system/evil.test.mjs.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { EvilServer } from "../lib/evil_server.mjs";
import { picture as movingPicture, tone } from "../system/lib/client.mjs";
import { agree, epochOf, Scene, startAddress } from "../system/lib/evil_scene.mjs";
import { ACCOMPLICE, hearsOnly, isCalm, isSent, isTold, knock, knockAndEnter, letIn, sees, tiles } from "./lib/evil.mjs";
import { ask, inside, picture, turnOn } from "./lib/meeting.mjs";
import { chromium, firefox } from "./lib/people.mjs";
import { root, sleep, startServer } from "./lib/server.mjs";
import { look } from "./lib/watch.mjs";

const screens = join(root, "build/screens");
mkdirSync(screens, { recursive: true });

describe("an evil server", { timeout: 240_000 }, () => {
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

  describe("in a meeting", () => {
    let scene, layla, mallory;
    before(async () => {
      scene = await Scene.open(ending, server, server.data);
      layla = await scene.comeIn("Layla", { args: ["--video", movingPicture(), "--audio", tone(330)] });
      mallory = await scene.comeIn("Mallory", { ...ACCOMPLICE, args: ["--audio", tone(520)] });
    });

    test("says that who waits is in, with another's Welcome: the page goes on waiting (SEC-11)", async () => {
      const { welcome } = mallory.wire.last("joined");
      const people = [scene.host, layla].map((each) => each.wire.participant);
      for (const person of [sam, fox]) {
        await knock(scene, person, scene.link);
        await scene.host.event("knock", (event) => event.name === person.name);
        for (const more of [{ welcome }, { behind: true }, {}])
          scene.sayJoined(person, { epoch: epochOf(scene.host), people, ...more });
      }
      await sleep(1500);
      for (const person of [sam, fox]) {
        assert.deepEqual(await tiles(person), []);
        await sees(person, "told the host", 1000);
        assert.ok(!(await person.evaluate(() => document.body.innerText)).includes("Layla"));
      }
    });

    test("and a member bring in a ghost: both browsers say that it was refused, and show nobody (SEC-10)", async () => {
      for (const person of [sam, fox]) await letIn(scene, person);
      const ghost = await scene.come("Ghost", ACCOMPLICE);
      await scene.host.event("knock", (event) => event.name === "Ghost");
      const seen = [sam, fox].map((person) => sees(person, "Your device refused it"));
      await scene.conspire(mallory, "evil-add", await scene.conspire(ghost, "evil-package"));
      await Promise.all(seen);
      await sam.picture(join(screens, "evil-ghost.png"));
      for (const person of [sam, fox]) assert.ok(!(await tiles(person)).some((tile) => tile.includes("Ghost")));
      await agree(scene.host, layla);
    });

    test("and a member let somebody in by a commit from outside: both browsers say that it was refused (SEC-10)", async () => {
      const ghost = await scene.come("Stowaway", ACCOMPLICE);
      await scene.host.event("knock", (event) => event.name === "Stowaway");
      for (const person of [sam, fox]) await person.until(isCalm, null, 15_000, "no notice");
      const seen = [sam, fox].map((person) => person.until(isTold, "Your device refused it", 8000, "refused"));
      const commit = await scene.conspire(ghost, "evil-external", await scene.conspire(mallory, "evil-info"));
      mallory.wire.say({ type: "commit", epoch: await agree(scene.host, layla), sealed: commit.toString("base64url") });
      await Promise.all(seen);
      for (const person of [sam, fox]) assert.ok(!(await tiles(person)).some((tile) => tile.includes("Stowaway")));
      scene.host.say("rekey");
      await sleep(500);
      await agree(scene.host, layla);
      await picture(sam, "Layla");
      ghost.kill();
    });

    test("repeats, edits and re-addresses chat: both browsers show it once, and by whom it is (CHT-11)", async () => {
      const messages = () => [...document.querySelectorAll(".message")].map((one) => one.innerText);
      for (const person of [sam, fox]) {
        person.wire.down = (message) => {
          if (message.type !== "message") return message;
          const bytes = Buffer.from(message.sealed, "base64url");
          bytes[bytes.length - 1] ^= 1;
          const edited = { ...message, sealed: bytes.toString("base64url") };
          return [edited, { ...message, from: mallory.wire.participant }, message, message];
        };
        await person.press("Chat");
      }
      scene.host.say("chat Only once");
      for (const person of [sam, fox]) await sees(person, "Only once");
      await sleep(500);
      for (const person of [sam, fox]) {
        person.wire.down = (message) => message;
        const shown = (await person.evaluate(messages)).filter((words) => words.includes("Only once"));
        assert.ok(shown.length === 1 && shown[0].includes("Host"), `${shown}`);
        await person.page.keyboard.press("Escape");
      }
    });

    test("and a member ask to unmute: microphone and camera stay off", async () => {
      const said = [];
      for (const person of [sam, fox]) {
        const { participant } = person.wire;
        const about = Buffer.from(participant, "base64url");
        for (const content of [[6, ...about, 1], [7, ...about, 1], [255, ...about, 1]])
          await scene.conspire(mallory, "evil-app", Buffer.from(content));
        for (const type of ["live", "unmute"]) {
          const again = scene.evil.next(); // the page hangs up on who says what there is not
          person.wire.tell({ type, participant, streams: [{ stream: "microphone" }] });
          said.push(person.wire);
          person.wire = await again;
        }
        said.push(person.wire);
      }
      await sleep(1000);
      for (const person of [sam, fox]) {
        assert.equal(await person.evaluate(() => document.querySelectorAll("button[aria-pressed=true]").length), 0);
        assert.equal(await person.running(), 0);
      }
      const lives = said.flatMap(({ ups }) => ups).filter(({ type }) => type === "live");
      assert.ok(lives.every(({ streams }) => streams.length === 0));
    });

    test("and members send frames in the clear, one frame for ever, and another's: none is shown or heard (SEC-04, SEC-10)", async () => {
      const film = ["--video", movingPicture(), "--audio"];
      const clara = await scene.comeIn("Clara", { habit: "clear", args: [...film, tone(660)] });
      const rex = await scene.comeIn("Rex", { habit: "replay", args: [...film, tone(780)] });
      const echo = await scene.comeIn("Echo", { habit: "echo", args: [...film, tone(900)] });
      const meetsCheats = async (person) => {
        for (const cheat of [clara, rex, echo]) {
          await isSent(person, cheat, "camera");
          await isSent(person, cheat, "microphone");
        }
        await hearsOnly(person, 330, 520);
        const shown = await person.evaluate(() => [...document.querySelectorAll("[data-picture=on]")].map((e) => e.textContent));
        assert.ok(shown.some((who) => who.includes("Layla")) && !shown.some((who) => /Clara|Echo/.test(who)), shown.join("; "));
        assert.equal((await look(person, "Rex", 1000)).changes, 0); // his first frame at most
      };
      await Promise.all([sam, fox].map(meetsCheats));
      await sam.picture(join(screens, "evil-frames.png"));
      await Promise.all([clara, rex, echo].map((cheat) => cheat.leave()));
    });

    test("and a member play one voice in two slots, once late: each browser plays it once (SEC-10)", async () => {
      const echo = await scene.comeIn("Echo", { habit: "echo", args: ["--audio", tone(900)] }); // sends on what she seals
      const asHers = (slot) => (slot.participant === echo.wire.participant ? { ...slot, participant: layla.wire.participant } : slot);
      const double = (message) => (message.type === "slots" ? { ...message, slots: message.slots.map(asHers) } : message);
      const meetsEcho = async (person) => {
        await isSent(person, echo, "microphone");
        person.wire.down = double;
        person.wire.tell(double(person.wire.last("slots")));
        await sleep(1500); // a second sound would play by then
        await hearsOnly(person, 330, 520);
        person.wire.down = (message) => message;
        person.wire.tell(person.wire.last("slots"));
      };
      await Promise.all([sam, fox].map(meetsEcho));
      await echo.leave();
    });

    test("shows the screen of a member who may not share, and a camera as a screen: no screen appears (ACC-06)", async () => {
      const faker = await scene.comeIn("Faker", { args: ["--screen", movingPicture(), "--screen-audio", tone(700)] });
      const isCamera = ({ stream }) => stream === "camera";
      const meetsFaker = async (person) => {
        const sockets = scene.evil.wires.filter(({ participant }) => participant === person.wire.participant);
        const said = (wanted) => sockets.flatMap(({ ups }) => ups).findLast(({ type }) => type === wanted);
        const { mid } = said("connect").lines.find(({ slot }) => slot === "stage");
        const forged = { mid, participant: faker.wire.participant, stream: "screen", height: 360 };
        person.wire.up = (message) => (message.type === "show" ? { ...message, slots: [...message.slots, forged] } : message);
        person.wire.say(person.wire.up(said("show")));
        await isSent(person, faker, "screen");
        await isSent(person, faker, "screen_audio");
        await hearsOnly(person, 330, 520);
        person.wire.down = (message) =>
          message.type === "slots"
            ? { ...message, slots: message.slots.map((slot) => (isCamera(slot) ? { ...slot, stream: "screen" } : slot)) }
            : message;
        person.wire.tell(person.wire.down({ type: "slots", slots: [{ mid, participant: layla.wire.participant, stream: "camera" }] }));
        await sleep(1000);
        assert.equal(await person.evaluate(() => document.querySelectorAll("[data-share]").length), 0);
        assert.doesNotMatch(await person.evaluate(() => document.body.innerText), /sharing|shares/i);
        person.wire.up = person.wire.down = (message) => message;
        person.wire.say(said("show"));
        person.wire.tell(person.wire.last("slots"));
      };
      await Promise.all([sam, fox].map(meetsFaker));
      await faker.leave();
    });

    test("and a member start the group anew in an older suite: both browsers say that it was refused (UPD-05)", async () => {
      const words = "Your device refused it";
      const isQuiet = () => document.querySelectorAll("[data-person]").length === 5 && !document.querySelector(".lane-brief");
      for (const person of [sam, fox]) await person.until(isQuiet, null, 15_000, "no notice, and all cheats gone");
      const seen = [sam, fox].map((person) => person.until(isTold, words, 8000, words));
      await scene.conspire(mallory, "evil-reinit");
      await Promise.all(seen);
      scene.host.say("rekey");
      await sleep(500);
      await agree(scene.host, layla);
      await picture(sam, "Layla");
    });

    test("swaps whom the slots show: nobody is shown or heard under another's name (SEC-10)", async () => {
      const [one, other] = [layla, mallory].map((each) => each.wire.participant);
      const swapped = { [one]: other, [other]: one };
      const swap = (message) => {
        if (message.type !== "slots") return message;
        return { ...message, slots: message.slots.map((s) => ({ ...s, participant: swapped[s.participant] ?? s.participant })) };
      };
      const meetsSwap = async (person) => {
        await picture(person, "Layla");
        await hearsOnly(person, 330, 520);
        person.wire.down = swap;
        person.wire.tell(swap(person.wire.last("slots")));
        await sleep(1000);
        assert.ok((await look(person, "Layla", 1500)).changes < 3);
        assert.ok((await look(person, "Mallory", 1500)).changes < 3);
        await hearsOnly(person);
        person.wire.down = (message) => message;
        person.wire.tell(person.wire.last("slots"));
        await hearsOnly(person, 330, 520);
      };
      await Promise.all([sam, fox].map(meetsSwap));
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
    for (const person of [sam, fox]) {
      await knock(scene, person, scene.link.replace(/#.*/, `#${fragment}`), (wire) => {
        wire.down = stale;
      });
      await sees(person, "not of the host who made this link");
      assert.ok(!person.wire.lastSaid("knock"));
    }
  });

  test("hides the card from a host that begins again: asked for the passcode, and on a new device told in words (ACC-20, SEC-11)", async () => {
    const evil = await EvilServer.start(server.port);
    endings.push(() => evil.close());
    await sam.open("about:blank");
    await sam.open(startAddress(evil, server, server.data));
    await sam.press("Start a meeting");
    await sam.press("Go in");
    await ask(sam, "Sam", "Join");
    await inside(sam);
    assert.ok(!(await sam.evaluate(() => document.body.innerText)).includes("begins new"));
    await sam.press("Security");
    await sam.press("Set");
    await sam.type("New passcode", "open sesame");
    await sam.press("Use it");
    await sees(sam, "Asked for besides the link.");
    const own = await sam.evaluate(() => {
      window.dispatchEvent(new Event("beforeunload")); // the page keeps its link for a reload, beside the address
      return `${location.href}#${history.state.secret}`;
    });
    const hide = ({ card: _, ...message }) => message;
    const goBack = async (person) => {
      const next = evil.next().then((wire) => (wire.down = hide));
      await person.open("about:blank");
      await person.open(own);
      await ask(person, person.name, "Join");
      await next;
    };
    await sam.open("about:blank");
    await goBack(fox);
    await inside(fox);
    await fox.until(isTold, "This meeting begins new, without passcode or invites.", 8000, "that it is new");
    await fox.picture(join(screens, "evil-card-unknown.png"));
    await fox.open("about:blank");
    await goBack(sam); // whose device was in it
    await sees(sam, "The server does not show this meeting as you left it", 15_000);
    await sees(sam, "Host, name not checked");
    await sam.picture(join(screens, "evil-card-hidden.png"));
    assert.deepEqual(await tiles(sam), []);
    await sam.type("Passcode", "open sesame");
    await sam.press("Continue");
    await inside(sam);
    await sam.until(isTold, "It begins anew: locked, with a new link.", 8000, "what is lost");
  });

  test("reorders, repeats and drops commits: the page comes to the same epoch, or comes back (SEC-10)", async () => {
    const scene = await Scene.open(ending, server, server.data);
    await scene.comeIn("Layla", { args: ["--video", movingPicture()] });
    for (const person of [sam, fox]) await knockAndEnter(scene, person);
    for (const person of [sam, fox]) await picture(person, "Layla");
    const rekey = async (times) => {
      for (let i = 0; i < times; i++) {
        scene.host.say("rekey");
        await sleep(400);
      }
    };
    const releases = [sam, fox].map(({ wire }) => wire.hold((message) => message.type === "committed"));
    await rekey(3);
    for (const release of releases) release((held) => [...held].reverse().flatMap((message) => [message, message]));
    for (const person of [sam, fox]) await picture(person, "Layla");
    const lost = new Set();
    for (const person of [sam, fox])
      person.wire.down = (message) => {
        if (message.type !== "committed" || lost.has(person)) return message;
        lost.add(person);
        return null;
      };
    await rekey(2);
    assert.equal(lost.size, 2);
    const isBack = () => document.body.innerText.includes("Here again");
    for (const person of [sam, fox]) {
      if (!(await person.evaluate(() => !!document.querySelector(".chat")))) await person.press("Chat");
      for (let tries = 0; tries < 20 && !(await person.evaluate(isBack)); tries++) {
        scene.host.say("chat Here again");
        await sleep(500);
      }
      await sees(person, "Here again");
      await picture(person, "Layla");
    }
  });

  test("puts another's KeyPackage in the place of a knock, and says that somebody is gone (SEC-08, SEC-11)", async () => {
    const scene = await Scene.open(ending, server, server.data);
    const mallory = await scene.come("Mallory");
    await scene.host.event("knock", (event) => event.name === "Mallory");
    const { sealed } = mallory.wire.lastSaid("knock");
    for (const person of [sam, fox]) {
      await knock(scene, person, scene.link, (wire) => {
        wire.up = (message) => (message.type === "knock" ? { ...message, sealed } : message);
      });
      await sees(person, "told the host");
    }
    await sleep(1500);
    assert.ok(!scene.host.lines.some((line) => line.event === "knock" && ["Sam", "Fox"].includes(line.name)));
    for (const person of [sam, fox]) {
      assert.deepEqual(await tiles(person), []);
      await person.open("about:blank");
    }
    mallory.kill();

    const layla = await scene.comeIn("Layla");
    for (const person of [sam, fox]) {
      await knockAndEnter(scene, person);
      await sees(person, "Layla");
    }
    for (const { wire } of [scene.host, sam, fox]) {
      wire.down = (message) => (message.type === "message" ? null : message); // a word of hers would give the lie away
      wire.tell({ type: "left", participant: layla.wire.participant, gone: true });
    }
    for (const person of [sam, fox]) await sees(person, "lost the connection");
    for (const { wire } of [scene.host, sam, fox]) wire.down = (message) => message;
    for (const person of [sam, fox]) {
      const text = await person.evaluate(() => document.body.innerText);
      assert.ok(!text.includes("removed") && !text.includes("link was replaced"), text);
    }
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

  test("speaks an older protocol: the page says nothing to it, and does not go in (UPD-05)", async () => {
    const scene = await Scene.open(ending, server, server.data);
    const old = await EvilServer.start(server.port, { protocol: "incamera.0" });
    endings.push(() => old.close());
    for (const person of [sam, fox]) {
      await person.open("about:blank");
      await person.open(old.address(scene.link));
      await ask(person, person.name);
    }
    await sleep(3000);
    assert.ok(old.wires.length > 0 && old.wires.every((wire) => wire.ups.length === 0));
    for (const person of [sam, fox]) await sees(person, "We cannot reach the server.", 1000);
  });
});
