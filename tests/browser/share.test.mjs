// One shares a screen, the other sees it move; the sharer's stop ends it for both.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { joinByLink, startMeeting } from "./lib/meeting.mjs";
import { chromium, firefox } from "./lib/people.mjs";
import { sleep, startServer } from "./lib/server.mjs";

describe("sharing a screen", () => {
  let server, ana, fox;
  before(async () => {
    server = await startServer({ port: 18131 });
    ana = await chromium({ name: "Ana" });
    fox = await firefox({ name: "Fox" });
    await joinByLink(fox, await startMeeting(ana, server, "Ana"), "Fox");
  });
  after(async () => {
    await Promise.all([ana?.close(), fox?.close()]);
    await server?.end();
  });

  const shared = () => {
    const video = document.querySelector("[data-share] video");
    return video && video.videoWidth > 0 && video.currentTime > 0 && video.videoWidth;
  };

  test("the other sees it, and is told who shares", async () => {
    await ana.press("Share");
    const width = await fox.until(shared, null, 20000, "the shared screen");
    assert.ok(width >= 640, `${width} wide`);
    const before = await fox.evaluate(() => document.querySelector("[data-share] video").currentTime);
    await sleep(1500);
    assert.ok((await fox.evaluate(() => document.querySelector("[data-share] video").currentTime)) > before);
    assert.match(await fox.evaluate(() => document.body.innerText), /Ana is sharing|Ana started sharing/);
  });

  test("stop ends it for both", async () => {
    await ana.press("Stop sharing");
    await fox.until(() => !document.querySelector("[data-share]"), null, 5000, "no share");
    await ana.until(() => !document.querySelector("[data-share]"), null, 5000, "no share");
  });
});
