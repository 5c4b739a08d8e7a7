// The product in one test: people in real browsers see and hear each other through the real server.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { camera, microphone } from "./lib/fakes.mjs";
import { askAndEnter, joinByLink, picture, startMeeting, turnOn } from "./lib/meeting.mjs";
import { chromium, firefox } from "./lib/people.mjs";
import { root, sleep, startServer } from "./lib/server.mjs";
import { hears, look, near } from "./lib/watch.mjs";

const RED = [190, 60, 60];
const BLUE = [60, 70, 190];
const screens = join(root, "build/screens");
mkdirSync(screens, { recursive: true });

async function sees(person, who, colour) {
  await picture(person, who);
  await sleep(1500); // past the first small frames
  const seen = await look(person, who);
  assert.ok(seen.changes > 50, `${person.name} saw ${seen.changes} changes of ${who}'s picture`);
  if (colour)
    assert.ok(near(seen.colour, colour, 30), `${person.name} saw ${who} in ${seen.colour}, not ${colour}`);
  return seen;
}

/** The four numbers of the panel about the connection, once they are there. */
async function figures(person) {
  await person.press("Your connection: Good");
  const numbers = () => {
    const shown = [...document.querySelectorAll(".path-numbers dd")].map((dd) => dd.textContent);
    return shown.length === 4 && !shown.includes("–") ? shown : undefined;
  };
  await person.until(numbers, null, 15_000, "what the connection carries");
  const shown = await person.evaluate(numbers);
  assert.match(await person.evaluate(() => document.querySelector("#panel").innerText), /usual way[^]*Turned down/);
  await person.press("Close");
  return shown;
}

/** Sound and picture both ways, on this computer. */
async function tellsItsConnection(person) {
  const [up, down, lost, delay] = await figures(person);
  for (const rate of [up, down]) {
    const [, number, unit] = /^([0-9.]+) ([kM])b\/s$/.exec(rate);
    const kilobits = number * (unit === "M" ? 1000 : 1);
    assert.ok(kilobits > 30 && kilobits < 20_000, `${person.name}: ${rate}`);
  }
  assert.match(lost, /^[0-9.]+ %$/);
  assert.ok(Number(/^(\d+) ms$/.exec(delay)[1]) < 500, delay);
}

/** The microphone is in turn loud and silent, for as long as words and pauses are. */
async function speakInTurns(person, ms) {
  await person.evaluate(async (length) => {
    const track = window.seenByTest.tracks.find((each) => each.kind === "audio" && each.readyState === "live");
    for (const end = performance.now() + length; performance.now() < end; ) {
      track.enabled = !track.enabled;
      await new Promise((next) => setTimeout(next, 400));
    }
    track.enabled = true;
  }, ms);
}

/** Every length of what packets of sound carry, from what the browser counts: "sent" or "received". */
function packetSizes(person, way, ms) {
  return person.evaluate(
    async ([direction, length]) => {
      const [type, name] = direction === "sent" ? ["outbound-rtp", "Sent"] : ["inbound-rtp", "Received"];
      const connection = window.seenByTest.connections.at(-1);
      const last = new Map();
      const sizes = [];
      for (const end = performance.now() + length; performance.now() < end; ) {
        await new Promise((next) => setTimeout(next, 30));
        for (const report of (await connection.getStats()).values()) {
          if (report.type !== type || report.kind !== "audio") continue;
          const now = { packets: report[`packets${name}`], bytes: report[`bytes${name}`] };
          const before = last.get(report.id) ?? now;
          if (now.packets > before.packets) sizes.push((now.bytes - before.bytes) / (now.packets - before.packets));
          last.set(report.id, now);
        }
      }
      return sizes;
    },
    [way, ms],
  );
}

/** In bytes, sealed. Of the first two, most voice of Chromium takes the less, and Firefox's the more. */
const VOICE_FRAMES = [112, 176, 416];

/** PRV-17: nobody could do better than guess, since there is nothing to tell one packet from another, neither for
 * the server nor on the way to who listens. Now and then a loss changes how many copies a packet has: tried again. */
async function hidesSpeech(speaker, listener) {
  for (let tries = 3; ; tries--) {
    const talk = speakInTurns(speaker, 5000);
    await sleep(1000); // an encoder that varies shows it once
    const [sent, received] = await Promise.all([packetSizes(speaker, "sent", 3500), packetSizes(listener, "received", 3500)]);
    await talk;
    const about = `${speaker.name} to ${listener.name}: ${JSON.stringify({ sent, received })}`;
    assert.ok(sent.length > 20 && received.length > 20, about);
    const [ofSent, ofReceived] = [sent, received].map((sizes) => [...new Set(sizes)]);
    const alike = ofSent.length === 1 && ofReceived.length === 1;
    if (!alike && tries > 1) continue;
    const frame = (ofSent[0] - 1 - 4) / 2; // with a copy of the one before
    assert.ok(alike && VOICE_FRAMES.includes(frame) && [ofSent[0], frame].includes(ofReceived[0]), about);
    return;
  }
}

describe("a call between two Chromium browsers", () => {
  let server, ana, bo;
  before(async () => {
    server = await startServer({ port: 18101 });
    ana = await chromium({ name: "Ana", camera: camera("red", RED), microphone: microphone(440) });
    bo = await chromium({ name: "Bo", camera: camera("blue", BLUE), microphone: microphone(660) });
  });
  after(async () => {
    await Promise.all([ana?.close(), bo?.close()]);
    await server?.end();
  });

  test("joining captures nothing and sends nothing until a button is pressed (PRV-02, SEC-18)", async () => {
    const link = await startMeeting(ana, server, "Ana");
    await joinByLink(bo, link, "Bo");
    await sleep(2500);
    for (const person of [ana, bo])
      assert.deepEqual(await person.sent(), { packets: 0, captures: 0 }, person.name);
    assert.ok(!(await bo.evaluate(() => location.href)).includes("#"), "the fragment left the address bar");
  });

  test("each sees the other's moving picture and hears the other's tone (SEC-01)", async () => {
    for (const person of [ana, bo]) {
      await turnOn(person, "Microphone");
      await turnOn(person, "Camera");
    }
    await sees(ana, "Bo", BLUE);
    await sees(bo, "Ana", RED);
    await hears(ana, 660);
    await hears(bo, 440);
    await tellsItsConnection(ana);
    await ana.picture(join(screens, "call-two-chromium.png"));
  });

  test("packets of voice are as long in silence as in sound (PRV-17)", () => hidesSpeech(ana, bo));

  test("off means that nothing is sent, and the device stops after 3 s", async () => {
    assert.equal(await ana.running(), 2);
    await ana.press("Microphone");
    await ana.press("Camera");
    await sleep(3500);
    assert.equal(await ana.running(), 0);
    const first = await ana.sent();
    await sleep(2000);
    assert.equal((await ana.sent()).packets, first.packets);
  });

  test("nobody's page complained", () => {
    assert.deepEqual([...ana.complaints, ...bo.complaints], []);
  });
});

describe("a call between Chromium and Firefox", () => {
  let server, ana, fox;
  before(async () => {
    server = await startServer({ port: 18102 });
    ana = await chromium({ name: "Ana", camera: camera("red", RED), microphone: microphone(440) });
    fox = await firefox({ name: "Fox" });
  });
  after(async () => {
    await Promise.all([ana?.close(), fox?.close()]);
    await server?.end();
  });

  test("each sees and hears the other, both ways (SEC-01, CTL-10)", async () => {
    const link = await startMeeting(ana, server, "Ana");
    await fox.open(link);
    await fox.press("Test my network");
    await fox.until(() => document.querySelectorAll("[data-works=true]").length === 2, null, 15_000, "UDP and TCP work");
    await askAndEnter(fox, link, "Fox");
    await sleep(1500);
    assert.deepEqual(await fox.sent(), { packets: 0, captures: 0 });
    for (const person of [ana, fox]) {
      await turnOn(person, "Microphone");
      await turnOn(person, "Camera");
    }
    await sees(fox, "Ana", RED);
    await sees(ana, "Fox");
    await hears(fox, 440);
    await hears(ana, 550);
    await tellsItsConnection(fox);
    await fox.picture(join(screens, "call-firefox.png"));
  });

  test("packets of voice are as long in silence as in sound from Firefox and to it (PRV-17)", async () => {
    await hidesSpeech(fox, ana);
    await hidesSpeech(ana, fox);
  });

  test("off means that nothing is sent in Firefox either", async () => {
    assert.equal(await fox.running(), 2);
    await fox.press("Microphone");
    await fox.press("Camera");
    await sleep(3500);
    assert.equal(await fox.running(), 0);
    const first = await fox.sent();
    await sleep(2000);
    assert.equal((await fox.sent()).packets, first.packets);
  });
});
