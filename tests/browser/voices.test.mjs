// More open microphones than voice slots: everybody is told, who speaks says so, and all are heard in turn,
// in Chromium and in Firefox. Five headless participants talk without a pause, each in a tone of its own.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, tone } from "../system/lib/client.mjs";
import { microphone } from "./lib/fakes.mjs";
import { joinByLink, letIn, startMeeting, turnOn } from "./lib/meeting.mjs";
import { chromium, firefox } from "./lib/people.mjs";
import { startServer } from "./lib/server.mjs";
import { hears, listen } from "./lib/watch.mjs";

const SLOTS = 4;
const TALKERS = [250, 310, 370, 490, 620];
const ANA = 440;
const FOX = 550; // Firefox's fake microphone, set in people.mjs

/** Listens to all voice slots until each tone was heard in one, 40 s at most; gives what was not heard. */
async function notHeard(person, tones) {
  const missing = new Set(tones);
  for (const end = Date.now() + 40_000; missing.size > 0 && Date.now() < end; ) {
    const sounds = await Promise.all([0, 1, 2, 3].map((which) => listen(person, 1200, which)));
    for (const { hertz, loudness } of sounds)
      for (const wanted of missing) if (loudness > 0.01 && Math.abs(hertz - wanted) < 15) missing.delete(wanted);
  }
  return [...missing];
}

/** What was said of the own voice, and what was last told of crowdedness. */
const words = (person) =>
  person.evaluate(() => ({
    speaking: window.seenByTest.said.filter(({ type }) => type === "speaking").map(({ speaking }) => speaking),
    crowded: window.seenByTest.told.filter(({ type }) => type === "voices").at(-1)?.crowded ?? false,
  }));

/** What went over the person's socket last, for who wonders why a test failed. */
const lately = (person) =>
  person.evaluate(() => {
    const short = (message) => JSON.stringify(message).slice(0, 100);
    const { said, told } = window.seenByTest;
    return [...said.slice(-6).map((m) => `> ${short(m)}`), ...told.slice(-6).map((m) => `< ${short(m)}`)].join("\n");
  });

const isTold = (person, crowded) =>
  person
    .until(
      (wanted) => (window.seenByTest.told.filter(({ type }) => type === "voices").at(-1)?.crowded ?? false) === wanted,
      crowded,
      10_000,
      `crowded: ${crowded}`,
    )
    .catch(async (error) => assert.fail(`${error.message}\n--- last: ${await lately(person)}`));

/** Firefox measures no sound on a computer without a sound card: here its analysers give a loud one. */
function measureLoud() {
  AnalyserNode.prototype.getFloatTimeDomainData = (samples) => samples.fill(0.1);
}

describe("more microphones than voice slots", () => {
  let server, ana, fox, link;
  const talkers = [];
  const talk = async (hertz) => {
    talkers.push(new Client([link, "--name", `${hertz}`, "--audio", tone(hertz), "--show", 0]));
    await letIn(ana, `${hertz}`);
  };

  before(async () => {
    server = await startServer({ port: 18171 });
    ana = await chromium({ name: "Ana", microphone: microphone(ANA) });
    fox = await firefox({ name: "Fox" });
    await fox.page.evaluateOnNewDocument(measureLoud);
    link = await startMeeting(ana, server, "Ana");
    await joinByLink(fox, link, "Fox");
  });
  after(async () => {
    for (const each of talkers) each.kill();
    await Promise.all([ana?.close(), fox?.close()]);
    await server?.end();
  });

  test("as many as there are slots are heard together, and nobody is told anything", async () => {
    for (const hertz of TALKERS.slice(0, SLOTS)) await talk(hertz);
    for (const person of [ana, fox]) {
      await person.until(() => window.seenByTest.sounds.size >= 4, null, 20_000, "four voices");
      await hears(person, ...TALKERS.slice(0, SLOTS));
      assert.deepEqual(await words(person), { speaking: [], crowded: false });
    }
  });

  test("one more, and everybody is told; all five are heard in turn in both browsers", async () => {
    await talk(TALKERS[SLOTS]);
    for (const person of [ana, fox]) await isTold(person, true);
    assert.deepEqual(await Promise.all([ana, fox].map((person) => notHeard(person, TALKERS))), [[], []]);
    for (const person of [ana, fox])
      assert.deepEqual(await words(person), { speaking: [], crowded: true }, `${person.name}, microphone off`);
  });

  for (const [browser, hertz] of [
    ["Chromium", ANA],
    ["Firefox", FOX],
  ])
    test(`who talks in ${browser} says so, and is heard between the others; off means silent`, async () => {
      const [talker, listener] = browser === "Chromium" ? [ana, fox] : [fox, ana];
      await turnOn(talker, "Microphone");
      await talker.until(
        () => window.seenByTest.said.filter(({ type }) => type === "speaking").at(-1)?.speaking,
        null,
        5000,
        "speaking said",
      );
      assert.deepEqual(await notHeard(listener, [hertz, ...TALKERS]), []);
      await talker.press("Microphone");
      await talker.until(
        () => !window.seenByTest.said.filter(({ type }) => type === "speaking").at(-1).speaking,
        null,
        5000,
        "no longer speaking said",
      );
    });

  test("when there are few enough again everybody is told so, and no voice is missed", async () => {
    await talkers.pop().leave();
    for (const person of [ana, fox]) {
      await isTold(person, false);
      await hears(person, ...TALKERS.slice(0, SLOTS));
      assert.deepEqual(person.complaints, []);
    }
  });
});
