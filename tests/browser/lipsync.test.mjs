// Sound and picture of one person come out together: a headless participant claps, in Chromium and in Firefox it is
// measured how far flash and beep are apart; then the slots are pointed at another one. With APART=1 the slots are in
// no common stream, as a comparison; ROUNDS=6 measures for a minute.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client } from "../system/lib/client.mjs";
import { clapper, skews } from "./lib/clapper.mjs";
import { joinByLink, letIn, picture, startMeeting } from "./lib/meeting.mjs";
import { chromium, firefox } from "./lib/people.mjs";
import { startServer } from "./lib/server.mjs";

const AIM = 45; // ms
const APART = process.env.APART === "1";
const ROUNDS = Number(process.env.ROUNDS ?? 1);
let server, ana, fox, link, clap;

/** Runs before the page's own script: every slot is in a stream of its own. */
function takeApart() {
  const own = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (description) {
    const sdp = description.sdp.replace(/^a=msid:\S+ (\S+)/gm, "a=msid:$1 $1");
    return own.call(this, { type: description.type, sdp });
  };
}

const median = (list) => Math.round([...list].sort((a, b) => a - b)[list.length >> 1]);
const rounded = (list) => list.map(Math.round).join(" ");

async function comes(name) {
  clap = new Client([link, "--name", name, ...clapper(), "--show", 0]);
  await letIn(ana, name);
  for (const person of [ana, fox]) await picture(person, name);
}

/** Rounds of so many seconds, until Chromium has the two in step. */
async function untilInStep(t, name, seconds) {
  let inStep = false;
  let rounds = 0;
  let seen = APART; // flashes and beeps of one round in both
  for (const end = Date.now() + 90_000; rounds < ROUNDS || (!(inStep && seen) && !APART && Date.now() < end); rounds++) {
    const [ofAna, ofFox] = await Promise.all([skews(ana, name, 1000 * seconds), skews(fox, name, 1000 * seconds)]);
    t.diagnostic(`Chromium: flash after beep by ${median(ofAna.measured)} ms (${rounded(ofAna.measured)}), by its own account ${median(ofAna.estimated)}`);
    t.diagnostic(`Firefox: ${median(ofFox.measured)} ms (${rounded(ofFox.measured)})`);
    seen ||= ofAna.measured.length > 2 && ofFox.measured.length > 2;
    // Only of two that it keeps in step does Chromium have an account.
    const last = ofAna.estimated.slice(-10); // of a second
    inStep = last.length > 0 && Math.abs(median(last)) <= AIM;
  }
  assert.ok(seen, "flashes and beeps come in both browsers");
  assert.equal(inStep, !APART, "sound and picture came into step");
}

before(async () => {
  server = await startServer({ port: 18271 });
  ana = await chromium({ name: "Ana" });
  fox = await firefox({ name: "Fox" });
  if (APART) {
    await ana.page.addInitScript(takeApart);
    await fox.page.evaluateOnNewDocument(takeApart);
  }
  link = await startMeeting(ana, server, "Ana");
  await joinByLink(fox, link, "Fox");
  await comes("clap");
});
after(async () => {
  clap?.kill();
  await Promise.all([ana?.close(), fox?.close()]);
  await server?.end();
});

test("a browser shows the flash when it plays the beep, within what people notice", async (t) => {
  await untilInStep(t, "clap", 10);
});

/** The slots that Ana was told last, and where some of before are given, whether they are `among` them. */
function slots(before) {
  const told = window.seenByTest.told.findLast(({ type }) => type === "slots").slots.map(({ mid }) => mid).join();
  return before ? before.told.includes(told) === before.among : told;
}

/** The clapper leaves and `name` comes: whether into the slots of one of those before, which is for the server
 * and the page to choose. */
async function follows(name, before) {
  before.push(await ana.evaluate(slots));
  await clap.leave();
  await ana.until(slots, { told: before, among: false }, 10_000, "free slots");
  await comes(name);
  return ana.until(slots, { told: before, among: true }, 5000).then(() => true, () => false);
}

test("and so of whom the same slots are pointed at next", async (t) => {
  const before = [];
  for (const name of ["clop", "clip", "clup", "clep", "clyp", "klop"]) if (await follows(name, before)) return untilInStep(t, name, 8);
  assert.fail(`of six none got the slots of one before: ${before.join(" ")}`);
});
