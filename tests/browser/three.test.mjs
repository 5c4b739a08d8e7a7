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
