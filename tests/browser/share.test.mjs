// One shares a screen, the others see it move and hear it; the sharer's stop ends it for all. What is
// shared is real: Chromium's own tab with the sound it plays, and Firefox's whole screen, which has none.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startDisplay } from "./lib/display.mjs";
import { microphone } from "./lib/fakes.mjs";
import { Client } from "../system/lib/client.mjs";
import { joinByLink, letIn, startMeeting, turnOn } from "./lib/meeting.mjs";
import { chromium, firefox } from "./lib/people.mjs";
import { sleep, startServer } from "./lib/server.mjs";
import { hears, near } from "./lib/watch.mjs";

const ORANGE = [230, 120, 20];
const GREEN = [20, 150, 60];
const MICROPHONE = 440;
const FILM = 880;

/** Covers the page of who shares with two colours in turn, as a film would. */
function play(person, colours) {
  return person.evaluate((two) => {
    const cover = document.createElement("div");
    cover.id = "film";
    cover.style.cssText = "position:fixed;inset:0;z-index:2147483647;pointer-events:none";
    document.documentElement.append(cover);
    let turn = 0;
    setInterval(() => {
      cover.style.background = `rgb(${two[turn++ % 2]})`;
    }, 500);
  }, colours);
}

/** 20 colours in 2 s of one point of the shared screen; its middle may have a mouse pointer. */
function coloursSeen(person) {
  return person.evaluate(async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
    const draw = canvas.getContext("2d", { willReadFrequently: true });
    const colours = [];
    for (let i = 0; i < 20; i++) {
      await new Promise((next) => setTimeout(next, 100));
      const video = document.querySelector("[data-share] video");
      if (!video?.videoWidth) continue;
      draw.drawImage(video, video.videoWidth / 4, video.videoHeight / 2, 1, 1, 0, 0, 1, 1);
      colours.push([...draw.getImageData(0, 0, 1, 1).data.slice(0, 3)]);
    }
    return colours;
  });
}

async function seesFilm(person, sharer) {
  const shared = () => document.querySelector("[data-share][data-picture=on] video")?.videoWidth;
  const width = await person.until(shared, null, 20000, "the shared screen");
  assert.ok(width >= 640, `${width} wide`);
  let colours;
  for (let tries = 0; tries < 4; tries++) {
    colours = await coloursSeen(person);
    if ([ORANGE, GREEN].every((wanted) => colours.some((seen) => near(seen, wanted, 30)))) break;
  }
  for (const wanted of [ORANGE, GREEN])
    assert.ok(colours.some((seen) => near(seen, wanted, 30)), `${person.name} saw ${JSON.stringify(colours)}`);
  const text = await person.evaluate(() => document.querySelector("[data-share]").innerText);
  assert.equal(text.replace(/[\u2066-\u2069]/g, ""), `${sharer} is sharing`);
}

/** What pictures come in, or go out, of which codec; of those that go out with which layers. */
function codecs(person, way) {
  return person.evaluate(async (type) => {
    const count = async () => {
      const stats = await window.seenByTest.connections.at(-1).getStats();
      return [...stats.values()]
        .filter((report) => report.type === type && report.kind === "video" && report.rid === undefined)
        .map(({ id, codecId, framesDecoded, framesSent, scalabilityMode }) => {
          return { id, frames: framesDecoded ?? framesSent ?? 0, codec: stats.get(codecId)?.mimeType, scalabilityMode };
        });
    };
    const before = new Map((await count()).map(({ id, frames }) => [id, frames]));
    await new Promise((next) => setTimeout(next, 700));
    return (await count())
      .filter(({ id, frames }) => frames > (before.get(id) ?? 0))
      .map(({ codec, scalabilityMode }) => `${codec} ${scalabilityMode ?? ""}`.trim());
  }, way);
}

/** Runs before the page's own script: a browser without VP9 and AV1. */
function takeNoNewer() {
  const own = RTCRtpReceiver.getCapabilities;
  RTCRtpReceiver.getCapabilities = (kind) => {
    const { codecs, ...rest } = own.call(RTCRtpReceiver, kind);
    return { ...rest, codecs: codecs.filter(({ mimeType }) => !/vp9|av1/i.test(mimeType)) };
  };
}

/** Waits until the one picture is of this codec. */
async function isOf(person, way, codec) {
  let seen;
  for (const end = Date.now() + 15000; Date.now() < end; ) {
    seen = await codecs(person, way);
    if (seen.length === 1 && seen[0] === codec) return;
  }
  assert.fail(`${person.name}: ${way} is ${JSON.stringify(seen)} and not ${codec}`);
}

describe("sharing a screen", () => {
  let server, display, ana, bo, fox, link;
  before(async () => {
    [server, display] = await Promise.all([startServer({ port: 18131 }), startDisplay()]);
    ana = await chromium({ name: "Ana", microphone: microphone(MICROPHONE), loud: true });
    bo = await chromium({ name: "Bo" });
    fox = await firefox({ name: "Fox", display: display.name });
    link = await startMeeting(ana, server, "Ana");
    await joinByLink(bo, link, "Bo");
    await joinByLink(fox, link, "Fox");
  });
  after(async () => {
    await Promise.all([ana?.close(), bo?.close(), fox?.close()]);
    await Promise.all([server?.end(), display?.end()]);
  });

  const over = async () => {
    for (const person of [ana, bo, fox])
      await person.until(() => !document.querySelector("[data-share]"), null, 5000, "no share");
  };

  test("Chromium's is seen and heard in Chromium and Firefox, beside the sharer's own voice", async () => {
    await ana.evaluate((hertz) => {
      const audio = new AudioContext();
      const tone = new OscillatorNode(audio, { frequency: hertz });
      tone.connect(new GainNode(audio, { gain: 0.2 })).connect(audio.destination);
      tone.start();
    }, FILM);
    await turnOn(ana, "Microphone");
    await ana.press("Share");
    await ana.until(() => !!document.querySelector("[data-share]"), null, 10000, "the own share");
    await play(ana, [ORANGE, GREEN]);
    const asked = await ana.evaluate(() => window.seenByTest.tracks.map((track) => track.getConstraints()));
    assert.ok(asked.some(({ restrictOwnAudio }) => restrictOwnAudio), "others would hear themselves");
    for (const person of [bo, fox]) {
      await seesFilm(person, "Ana");
      await hears(person, MICROPHONE, FILM);
    }
  });

  test("it is AV1 where all can, VP8 for all while somebody takes only that, then AV1 again", async () => {
    await isOf(ana, "outbound-rtp", "video/AV1 L1T3");
    for (const person of [bo, fox]) await isOf(person, "inbound-rtp", "video/AV1");
    const old = new Client([link, "--name", "Old"]);
    await letIn(ana, "Old");
    await isOf(ana, "outbound-rtp", "video/VP8 L1T3");
    for (const person of [bo, fox]) {
      await isOf(person, "inbound-rtp", "video/VP8");
      await seesFilm(person, "Ana");
    }
    await old.leave();
    for (const person of [bo, fox]) {
      await isOf(person, "inbound-rtp", "video/AV1");
      await seesFilm(person, "Ana");
    }
  });

  test("stop ends picture and sound for all, and the voice goes on", async () => {
    await ana.press("Stop sharing");
    await over();
    for (const person of [bo, fox]) await hears(person, MICROPHONE);
    assert.equal(await ana.running(), 1);
  });

  test("Firefox's, whom the host allows it, is seen in both Chromium browsers (ACC-06)", async () => {
    await fox.press("Ask to share"); // a guest
    await ana.press("Allow");
    await fox.press("Share");
    await fox.until(() => !!document.querySelector("[data-share]"), null, 10000, "the own share");
    await play(fox, [ORANGE, GREEN]);
    for (const person of [ana, bo]) {
      await isOf(person, "inbound-rtp", "video/AV1");
      await seesFilm(person, "Fox");
    }
    for (const name of ["People", "More for Fox", "Stop sharing"]) await ana.press(name);
    const told = "Ana, a host, stopped your sharing. You can share again.";
    await fox.until((words) => document.body.innerText.replace(/[\u2066-\u2069]/g, "").includes(words), told, 10000, "told");
    await over();
    assert.equal(await fox.running(), 0);
    await fox.until(() => !!document.querySelector("button[aria-label^='Share your screen']"), null, 10000, "may share");
    await ana.press("Don’t allow sharing");
    await fox.until(() => !!document.querySelector("button[aria-label^='Ask to share']"), null, 10000, "not any more");
    await sleep(500);
    for (const person of [ana, bo, fox]) assert.deepEqual(person.complaints, [], person.name);
  });

  // Firefox has none where its plug-in was not fetched.
  test("it is H.264 where that is the best that all have", async () => {
    await fox.press("Leave");
    const cy = await chromium({ name: "Cy" });
    try {
      await cy.page.addInitScript(takeNoNewer);
      await joinByLink(cy, link, "Cy");
      await ana.press("Share");
      await ana.until(() => !!document.querySelector("[data-share]"), null, 10000, "the own share");
      await play(ana, [ORANGE, GREEN]);
      await isOf(ana, "outbound-rtp", "video/H264 L1T3");
      for (const person of [bo, cy]) {
        await isOf(person, "inbound-rtp", "video/H264");
        await seesFilm(person, "Ana");
        assert.deepEqual(person.complaints, [], person.name);
      }
    } finally {
      await cy.close();
    }
  });
});
