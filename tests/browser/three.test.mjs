// Chromium, Firefox and the headless client in one meeting: each sees and hears the two others. The
// headless client is a witness written independently of the browsers: it decrypts what they sent.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Client, picture as movingPicture, tone } from "../system/lib/client.mjs";
import { camera, microphone } from "./lib/fakes.mjs";
import { joinByLink, letIn, picture, startMeeting, turnOn } from "./lib/meeting.mjs";
import { chromium, firefox } from "./lib/people.mjs";
import { startServer } from "./lib/server.mjs";
import { hears, look } from "./lib/watch.mjs";

/** How many frames Debian's decoder gives for an IVF file, and Y, U, V of a point of the last one. */
function decoded(ivf) {
  const y4m = execFileSync("vpxdec", ["--scale", "-o", "-", ivf], { maxBuffer: 1 << 30 });
  const header = y4m.subarray(0, y4m.indexOf("\n") + 1);
  const [width, height] = ["W", "H"].map((key) => Number(String(header).match(` ${key}(\\d+)`)[1]));
  const frame = 6 + (width * height * 3) / 2; // each begins with "FRAME\n"
  const last = y4m.subarray(y4m.length - frame + 6);
  const chroma = Math.floor(height / 6) * (width / 2) + width / 4;
  const luma = Math.floor(height / 3) * width + width / 2;
  return {
    frames: (y4m.length - header.length) / frame,
    yuv: [last[luma], last[width * height + chroma], last[width * height * 1.25 + chroma]],
  };
}

/** Runs in the page: notes when the commit that lets `name` in came, when that was shown and when it was said to
 * screen readers, and when their first picture or sound was there. */
function watchArrival(name) {
  const at = { commit: 0, shown: 0, said: 0, media: 0 };
  window.arrival = at;
  const plain = (text) => text.replace(/[\u2068\u2069]/g, ""); // without the marks around a name
  const has = (selector) =>
    [...document.querySelectorAll(selector)].some((e) => plain(e.textContent).includes(`“${name}”, guest, joined`));
  const sounds = window.seenByTest.sounds.size;
  const commits = () => window.seenByTest.told.filter(({ type }) => type === "committed").length;
  const before = commits();
  const pictures = () =>
    [...document.querySelectorAll("[data-person]")].some(
      (tile) => tile.textContent.includes(name) && tile.querySelector("video")?.videoWidth > 0,
    );
  const note = (what, isSo) => {
    if (at[what] === 0 && isSo) at[what] = performance.now();
  };
  const watch = () => {
    note("commit", commits() > before);
    note("shown", has(".lane-brief"));
    note("said", has("[aria-live=polite]"));
    note("media", pictures() || window.seenByTest.sounds.size > sounds);
    if (Object.values(at).includes(0)) setTimeout(watch, 5);
  };
  watch();
}

describe("Chromium, Firefox and the headless client", () => {
  let server, ana, fox, headless, written;
  before(async () => {
    written = mkdtempSync(join(tmpdir(), "incamera-"));
    server = await startServer({ port: 18141 });
    ana = await chromium({ name: "Ana", camera: camera("red", [190, 60, 60]), microphone: microphone(440) });
    fox = await firefox({ name: "Fox" });
    const link = await startMeeting(ana, server, "Ana");
    await joinByLink(fox, link, "Fox");
    headless = new Client([link, "--name", "Witness", "--video", movingPicture(), "--audio", tone(330), "--write", written]);
    for (const person of [ana, fox]) await person.evaluate(watchArrival, "Witness");
    await letIn(ana, "Witness");
    for (const person of [ana, fox]) {
      await turnOn(person, "Microphone");
      await turnOn(person, "Camera");
    }
  });
  after(async () => {
    await headless?.leave();
    await Promise.all([ana?.close(), fox?.close()]);
    await server?.end();
    rmSync(written, { recursive: true, force: true });
  });

  test("who comes in is announced in text and to screen readers within a second, before their media (PRV-03)", async (t) => {
    for (const person of [ana, fox]) {
      await person.until(() => window.arrival.media > 0, null, 20000, "picture or sound of who came in");
      const { commit, shown, said, media } = await person.evaluate(() => window.arrival);
      for (const [how, at] of [
        ["shown", shown],
        ["said", said],
      ]) {
        assert.ok(at > 0 && at - commit < 1000, `${person.name}: ${how} ${at - commit} ms after the commit`);
        assert.ok(at <= media, `${person.name}: ${how} ${at - media} ms after the first media`);
      }
      t.diagnostic(`${person.name}: shown after ${shown - commit}, said after ${said - commit}, media after ${media - commit} ms`);
    }
  });

  test("both browsers see the two others move", async () => {
    for (const [person, others] of [
      [ana, ["Fox", "Witness"]],
      [fox, ["Ana", "Witness"]],
    ])
      for (const other of others) {
        await picture(person, other);
        const seen = await look(person, other);
        assert.ok(seen.changes > 50, `${person.name} saw ${seen.changes} changes of ${other}'s picture`);
      }
  });

  test("both browsers hear the tones of the two others", async () => {
    await hears(ana, 330, 550);
    await hears(fox, 330, 440);
  });

  test("the headless client decrypts both, and a decoder that is not the browsers' shows their picture (SEC-01)", async () => {
    await headless.line((line) => line.people === 2 && line.video_in > 40 && line.audio_in > 80);
    const total = await headless.leave();
    headless = undefined;
    assert.equal(total.failed, 0);
    const clips = readdirSync(written).filter((name) => name.endsWith("-camera.ivf"));
    assert.equal(clips.length, 2);
    const colours = clips.map((name) => decoded(join(written, name)));
    for (const { frames } of colours) assert.ok(frames > 50, `${frames} frames`);
    // Ana's red, limited range BT.601: 100, 107, 179.
    const red = colours.some(({ yuv }) => [100, 107, 179].every((v, i) => Math.abs(yuv[i] - v) < 20));
    assert.ok(red, `nobody is red: ${JSON.stringify(colours)}`);
  });
});
