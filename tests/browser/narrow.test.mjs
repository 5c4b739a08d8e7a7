// A browser whose path carries 500 kb/s, in a namespace of its own behind the link emulator:
//
//   incamera-client (three layers, sound) ---- server, worker ---- link-emulator ---- Chromium
//   Chromium (two layers)  10.77.0.1                       |             10.78.N.2
//                                                          +------ link-emulator ---- Firefox
//
// The worker's estimate comes from the browsers' own transport-wide feedback.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { program } from "../system/lib/server.mjs";
import { behindLink, Client, SERVER_BEHIND_LINK } from "../system/lib/client.mjs";
import { browserOn, firefoxOn, trusting } from "./lib/computer.mjs";
import { snow } from "./lib/fakes.mjs";
import { joinByLink, startMeeting, turnOn } from "./lib/meeting.mjs";
import { chromium, firefox } from "./lib/people.mjs";
import { sleep, startServer } from "./lib/server.mjs";

const PORT = 18151;
const FIREFOX_PORT = 18152;
const origin = `http://${SERVER_BEHIND_LINK}:${PORT}`;
let server, sender, link;

function startAddress() {
  const words = [
    "start-address",
    `--http.listen=${SERVER_BEHIND_LINK}:${PORT}`,
    "--http.allow_plain_beyond_loopback=yes",
    `--store.path=${server.data}/store/incamera.db`,
  ];
  return execFileSync(program, words).toString().trim();
}

before(async () => {
  server = await startServer({
    port: PORT,
    flags: [
      `--http.listen=${SERVER_BEHIND_LINK}:${PORT}`,
      "--http.allow_plain_beyond_loopback=yes",
      `--media.addresses=${SERVER_BEHIND_LINK}`,
    ],
  });
  sender = new Client(["--start", startAddress(), "--admit", "--pattern", 2_000_000, "--layers", 3, "--tone"]);
  link = await sender.link();
});
after(async () => {
  await sender?.leave();
  await server?.end();
});

/** Bits a second of sound and of pictures that arrived, and the share of sound packets lost. */
function received(person, seconds) {
  return person.evaluate(async (length) => {
    const count = async () => {
      const sums = { audio: 0, video: 0, lost: 0, packets: 0 };
      for (const report of (await window.seenByTest.connections.at(-1).getStats()).values()) {
        if (report.type !== "inbound-rtp") continue;
        sums[report.kind] += report.bytesReceived;
        if (report.kind !== "audio") continue;
        sums.lost += report.packetsLost;
        sums.packets += report.packetsReceived;
      }
      return sums;
    };
    const from = await count();
    await new Promise((next) => setTimeout(next, 1000 * length));
    const to = await count();
    return {
      audio: ((to.audio - from.audio) * 8) / length,
      video: ((to.video - from.video) * 8) / length,
      voices: (to.packets - from.packets) / length,
      lost: to.lost - from.lost,
    };
  }, seconds);
}

/** The panel about the connection says what was turned down, and why. */
async function readsWhy(person) {
  await person.until(() => document.querySelector("[data-connection=weak]") !== null, null, 15_000, "a weak connection");
  await person.press("Your connection: Weak");
  const words = () => /smaller or less smooth than it could be: your connection brings about \d+ kb\/s/.test(document.body.innerText);
  await person.until(words, null, 5000, "what was turned down");
}

async function watch(profile, then) {
  const person = await chromium({
    name: profile,
    browser: browserOn(behindLink(profile)),
    args: trusting(origin),
  });
  try {
    await joinByLink(person, link, "Bo");
    await sleep(6000);
    const got = await received(person, 8);
    await then?.(person);
    return got;
  } finally {
    await person.close();
  }
}

test("a Chromium at 500 kb/s keeps every voice packet and gets a layer that fits, and says so", async () => {
  const got = await watch("narrow-down", readsWhy);
  assert.ok(got.voices > 48, JSON.stringify(got));
  assert.ok(got.lost <= 4, JSON.stringify(got));
  assert.ok(got.video > 100_000 && got.video < 420_000, JSON.stringify(got));
});

test("a Chromium on a wide path gets the layer that its tile asks for", async () => {
  const got = await watch("rtt-100");
  assert.ok(got.video > 450_000, JSON.stringify(got));
});

/** Pictures of the camera of middle size that were encoded so far. */
const encoded = (person) =>
  person.evaluate(async () => {
    const all = [...(await window.seenByTest.connections.at(-1).getStats()).values()];
    return all.find(({ type, rid }) => type === "outbound-rtp" && rid === "m")?.framesEncoded ?? 0;
  });

/** What was shown of the other person within so many seconds: heights, pictures, and the longest wait for one, ms. */
const shown = (person, seconds) =>
  person.evaluate(async (length) => {
    const pictures = [];
    const video = document.querySelector("[data-person]:not([data-self=true]) video");
    const note = (_, { height }) => {
      pictures.push({ at: performance.now(), height });
      video.requestVideoFrameCallback(note);
    };
    video.requestVideoFrameCallback(note);
    await new Promise((next) => setTimeout(next, 1000 * length));
    const waits = pictures.slice(1).map(({ at }, i) => at - pictures[i].at);
    const heights = [...new Set(pictures.map(({ height }) => height))];
    return { heights, pictures: pictures.length, longest: Math.max(0, ...waits) };
  }, seconds);

test("Chromium's camera comes to Chromium and to Firefox at 500 kb/s with half of its pictures, and does not freeze", async (t) => {
  const people = [];
  const here = async (starting) => people[people.push(await starting) - 1];
  try {
    // 480 kb/s of middle size: too much beside what else there is, and half of its pictures is not.
    const ana = await here(chromium({ name: "Ana", camera: snow("snow", 640, 360), args: trusting(origin) }));
    const own = await startMeeting(ana, { startAddress: startAddress(), origin }, "Ana");
    await turnOn(ana, "Camera");
    const bo = await here(chromium({ name: "Bo", browser: browserOn(behindLink("narrow-down")), args: trusting(origin) }));
    const browser = firefoxOn(behindLink("narrow-down"), FIREFOX_PORT);
    const fox = await here(firefox({ name: "Fox", browser, trusted: SERVER_BEHIND_LINK, debuggingPort: FIREFOX_PORT }));
    for (const person of [bo, fox]) await joinByLink(person, own, person.name);
    for (const person of [bo, fox]) {
      let seen;
      for (const end = Date.now() + 45_000; ; ) {
        const before = await encoded(ana);
        seen = await shown(person, 4);
        seen.share = seen.pictures / ((await encoded(ana)) - before);
        if (seen.heights.join() === "360" && seen.share > 0.35 && seen.share < 0.65) break;
        assert.ok(Date.now() < end, `${person.name}: ${JSON.stringify(seen)}`);
      }
      t.diagnostic(`${person.name}: ${JSON.stringify(seen)}`);
      assert.ok(seen.longest < 600, `${person.name}: ${JSON.stringify(seen)}`);
    }
  } finally {
    for (const person of people) await person.close();
  }
});
