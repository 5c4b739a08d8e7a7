// More people with cameras than fit a small grid: every one of them that is drawn has a picture, and one
// connection, made once, carries them all.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, picture as movingPicture } from "../system/lib/client.mjs";
import { startMeeting } from "./lib/meeting.mjs";
import { chromium } from "./lib/people.mjs";
import { startServer } from "./lib/server.mjs";

const OTHERS = 12;

describe("a crowd", () => {
  let server, ana;
  const crowd = [];
  before(async () => {
    server = await startServer({ port: 18151 });
    ana = await chromium({ name: "Ana", viewport: { width: 1440, height: 900 } });
    const link = await startMeeting(ana, server, "Ana");
    for (let i = 1; i <= OTHERS; i++)
      crowd.push(new Client([link, "--name", `Guest ${i}`, "--video", movingPicture()]));
  });
  after(async () => {
    for (const client of crowd) client.kill();
    await ana?.close();
    await server?.end();
  });

  test("twelve others with cameras are twelve moving pictures on one page", async () => {
    await ana.until(
      (count) => document.querySelectorAll("[data-picture=on][data-self=false] video").length === count,
      OTHERS,
      40000,
      `${OTHERS} pictures`,
    );
    await ana.until(
      () => [...document.querySelectorAll("[data-picture=on] video")].every((video) => video.currentTime > 1),
      null,
      20000,
      "every picture moves",
    );
    assert.equal(await ana.evaluate(() => window.seenByTest.connections.length), 1);
    assert.deepEqual(ana.complaints, []);
  });
});
