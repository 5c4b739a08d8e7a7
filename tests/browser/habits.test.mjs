// What people are used to: a page out of sight takes no picture, a held key talks, and sound only means no
// pictures at all.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { camera, microphone } from "./lib/fakes.mjs";
import { joinByLink, picture, startMeeting, turnOn } from "./lib/meeting.mjs";
import { chromium } from "./lib/people.mjs";
import { sleep, startServer } from "./lib/server.mjs";

/** As the browser does when another tab covers the page; a headless one never does it by itself. */
function cover(person, hidden) {
  return person.evaluate((value) => {
    Object.defineProperty(document, "hidden", { value, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

const tile = (person, who, what, argument, why) =>
  person.until(
    ([name, wanted]) =>
      [...document.querySelectorAll("[data-person]")].some(
        (t) => t.textContent.includes(name) && (wanted === "away") === t.textContent.includes("Away") &&
          (wanted === "away") === (t.dataset.picture === "off"),
      ),
    [who, what],
    argument ?? 8000,
    why ?? `${who} ${what}`,
  );

/** Frames of pictures that came so far. */
function frames(person) {
  return person.evaluate(async () => {
    let count = 0;
    for (const connection of window.seenByTest.connections)
      for (const report of (await connection.getStats()).values())
        if (report.type === "inbound-rtp" && report.kind === "video") count += report.packetsReceived ?? 0;
    return count;
  });
}

const isOn = (person, tool) =>
  person.evaluate(
    (name) => document.querySelector(`button[aria-label^="${name}"]`)?.getAttribute("aria-pressed") === "true",
    tool,
  );

describe("two people in a meeting", () => {
  let server, ana, bo;
  before(async () => {
    server = await startServer({ port: 18131 });
    ana = await chromium({ name: "Ana", camera: camera("red", [190, 60, 60]), microphone: microphone(440) });
    bo = await chromium({ name: "Bo", camera: camera("blue", [60, 70, 190]), microphone: microphone(660) });
    await joinByLink(bo, await startMeeting(ana, server, "Ana"), "Bo");
    await turnOn(bo, "Camera");
    await picture(ana, "Bo");
  });
  after(async () => {
    await Promise.all([ana?.close(), bo?.close()]);
    await server?.end();
  });

  test("a page out of sight pauses its camera, the other sees Away, and back in sight it goes on (PRV-06)", async () => {
    await cover(bo, true);
    await tile(ana, "Bo", "away");
    await sleep(3500);
    assert.equal(await bo.running(), 0, "the device has stopped");
    const { packets } = await bo.sent();
    await sleep(1000);
    assert.equal((await bo.sent()).packets, packets, "nothing is sent");
    await cover(bo, false);
    await tile(ana, "Bo", "seen", 15000);
    assert.equal(await bo.running(), 1);
  });

  test("holding Space talks for as long, and letting go of the window ends it", async () => {
    const keys = bo.page.keyboard;
    await bo.evaluate(() => document.querySelector("main").focus());
    await keys.down("Space");
    await bo.until(() => document.querySelector('button[aria-label^="Microphone"]').ariaPressed === "true", null, 5000);
    await keys.up("Space");
    await sleep(200);
    assert.equal(await isOn(bo, "Microphone"), false);
    await keys.down("Space");
    await sleep(500);
    assert.equal(await isOn(bo, "Microphone"), true);
    await bo.evaluate(() => window.dispatchEvent(new Event("blur")));
    await sleep(200);
    assert.equal(await isOn(bo, "Microphone"), false);
    await keys.up("Space");
  });

  test("with sound only no picture comes, and none is shown, until pictures are wanted again", async () => {
    await ana.press("Devices");
    await ana.page.getByRole("switch", { name: "Sound only" }).click();
    await ana.until(() => document.querySelectorAll("[data-picture=on]").length === 0, null, 5000, "no picture");
    await sleep(1000);
    const before = await frames(ana);
    await sleep(2000);
    assert.ok((await frames(ana)) - before < 5, "no picture comes");
    await ana.press("Show pictures");
    await picture(ana, "Bo");
    assert.deepEqual([...ana.complaints, ...bo.complaints], []);
  });
});
