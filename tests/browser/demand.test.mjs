// A camera sends no layer that nobody shows: what the server asks of Chromium and of Firefox, seen in what they
// send. Their windows are small; a headless participant shows both large, leaves, and comes back.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "../system/lib/client.mjs";
import { camera } from "./lib/fakes.mjs";
import { joinByLink, letIn, startMeeting, turnOn } from "./lib/meeting.mjs";
import { chromium, firefox } from "./lib/people.mjs";
import { sleep, startServer } from "./lib/server.mjs";

/** Runs in the page: frames and bytes that each layer of the camera has sent so far. */
async function sent() {
  const senders = window.seenByTest.connections.at(-1).getSenders();
  const layers = {};
  for (const sender of senders.filter(({ track }) => track?.kind === "video"))
    for (const report of (await sender.getStats()).values())
      if (report.type === "outbound-rtp" && report.rid)
        layers[report.rid] = { frames: report.framesSent ?? report.framesEncoded ?? 0, bytes: report.bytesSent };
  return layers;
}

/** What went out within `ms`: the layers that had frames, and kilobits a second of all. */
async function sending(person, ms = 1500) {
  const before = await person.evaluate(sent);
  await sleep(ms);
  const now = await person.evaluate(sent);
  const grown = (rid, what) => now[rid][what] - (before[rid]?.[what] ?? 0);
  const rids = Object.keys(now).filter((rid) => grown(rid, "frames") > 2);
  return {
    rids: rids.sort().join(""),
    kbps: Math.round(Object.keys(now).reduce((sum, rid) => sum + grown(rid, "bytes"), 0) * (8 / ms)),
  };
}

/** `rids` are all that are sent, in alphabetical order, or what is at least among them. */
async function untilSending(person, rids, ms, isEnough = (seen) => seen === rids) {
  for (const end = Date.now() + ms; ; ) {
    const seen = await sending(person, 700);
    if (isEnough(seen.rids)) return;
    if (Date.now() > end) assert.fail(`${person.name} sends ${JSON.stringify(seen)}, and not ${rids}`);
  }
}

describe("cameras in small windows", () => {
  let server, link, ana, fox, large;
  const showLarge = async () => {
    large = new Client([link, "--name", "Large", "--height", 720]);
    await ana.resize(1280, 800);
    await letIn(ana, "Large");
    await ana.resize(360, 300);
  };
  before(async () => {
    server = await startServer({ port: 18191 });
    ana = await chromium({ name: "Ana", camera: camera("red", [190, 60, 60]) });
    fox = await firefox({ name: "Fox" });
    link = await startMeeting(ana, server, "Ana");
    await joinByLink(fox, link, "Fox");
    for (const person of [ana, fox]) await turnOn(person, "Camera");
    await fox.resize(360, 300);
    await showLarge();
  });
  after(async () => {
    await large?.leave();
    await Promise.all([ana?.close(), fox?.close()]);
    await server?.end();
  });

  test("all layers are sent as long as somebody shows the largest", async () => {
    // Firefox raises its own estimate slowly: the largest layer took it half a minute, or longer on a busy machine.
    for (const person of [ana, fox]) await untilSending(person, "hlm", 90_000);
  });

  test("the large ones rest once nobody does, and the up-link is spared", async (t) => {
    const before = await Promise.all([ana, fox].map((person) => sending(person, 2000)));
    await large.leave();
    for (const person of [ana, fox]) await untilSending(person, "l", 15_000);
    const after = await Promise.all([ana, fox].map((person) => sending(person, 2000)));
    for (const [i, person] of [ana, fox].entries()) {
      t.diagnostic(`${person.name}: ${before[i].kbps} kb/s before, ${after[i].kbps} kb/s after`);
      assert.ok(after[i].kbps < before[i].kbps / 2, `${person.name}: ${before[i].kbps} -> ${after[i].kbps} kb/s`);
    }
  });

  test("they are asked for again at once when somebody shows them large, and come as the browser's estimate allows", async () => {
    await showLarge();
    const wanted = () => window.seenByTest.told.filter(({ type }) => type === "wanted").at(-1)?.layers === 3;
    for (const person of [ana, fox]) await person.until(wanted, null, 3000, "all layers wanted");
    // How soon the largest follows is each browser's own estimate.
    for (const person of [ana, fox]) await untilSending(person, "m", 60_000, (seen) => seen.includes("m"));
    await large.line(({ video_in }) => video_in > 20);
  });
});
