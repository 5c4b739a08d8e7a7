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
import { joinByLink, picture, startMeeting, turnOn } from "./lib/meeting.mjs";
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
    video?.requestVideoFrameCallback(note);
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
    const getsHalf = async (person) => {
      let seen;
      await picture(person, "Ana", 30_000);
      for (const end = Date.now() + 45_000; ; ) {
        const before = await encoded(ana);
        seen = await shown(person, 4);
        seen.share = seen.pictures / ((await encoded(ana)) - before);
        if (seen.heights.join() === "360" && seen.share > 0.35 && seen.share < 0.65) break;
        assert.ok(Date.now() < end, `${person.name}: ${JSON.stringify(seen)}`);
      }
      t.diagnostic(`${person.name}: ${JSON.stringify(seen)}`);
      assert.ok(seen.longest < 600, `${person.name}: ${JSON.stringify(seen)}`);
    };
    await Promise.all([bo, fox].map(getsHalf));
  } finally {
    for (const person of people) await person.close();
  }
});

/** Runs before the page's own script: its screen is its camera, sent in several sizes in one stream, as window.sizes says. */
function sendSizes() {
  const own = RTCRtpSender.prototype.setParameters;
  RTCRtpSender.prototype.setParameters = function (parameters) {
    const { mimeType, scalabilityMode } = window.sizes;
    for (const encoding of parameters.encodings.filter(({ codec }) => codec)) {
      encoding.codec = parameters.codecs.find((codec) => codec.mimeType === mimeType);
      Object.assign(encoding, { scalabilityMode, maxBitrate: 1_000_000 });
    }
    return own.call(this, parameters);
  };
  navigator.mediaDevices.getDisplayMedia = async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360 } });
    Object.defineProperty(stream.getVideoTracks()[0], "contentHint", { get: () => "motion", set() {} });
    return stream;
  };
}

/** Of which codec the shared screen comes in, and of which heights it was, each named once in a row. */
function seenSizes() {
  const video = document.querySelector("[data-share][data-picture=on] video");
  if (!video) return "";
  if (window.noting !== video) {
    window.noting = video;
    window.heights = [];
    const note = (_, { height }) => {
      if (window.heights.at(-1) !== height) window.heights.push(height);
      video.requestVideoFrameCallback(note);
    };
    video.requestVideoFrameCallback(note);
  }
  return window.heights.join();
}

/** The codec of the pictures that come in. */
async function comesAs() {
  const all = await window.seenByTest.connections.at(-1).getStats();
  const coming = [...all.values()].find(({ type, framesDecoded }) => type === "inbound-rtp" && framesDecoded > 0);
  return all.get(coming?.codecId)?.mimeType;
}

test("two sizes in one stream, of VP9 and of AV1, are switched up and down for Chromium and Firefox as their paths allow", async (t) => {
  const people = [];
  const here = async (starting) => people[people.push(await starting) - 1];
  try {
    const ana = await here(chromium({ name: "Ana", camera: snow("snow", 640, 360), args: trusting(origin) }));
    await ana.page.addInitScript(sendSizes);
    const own = await startMeeting(ana, { startAddress: startAddress(), origin }, "Ana");
    const bo = await here(chromium({ name: "Bo", browser: browserOn(behindLink("tide")), args: trusting(origin) }));
    const browser = firefoxOn(behindLink("tide"), FIREFOX_PORT);
    const fox = await here(firefox({ name: "Fox", browser, trusted: SERVER_BEHIND_LINK, debuggingPort: FIREFOX_PORT }));
    for (const person of [bo, fox]) await joinByLink(person, own, person.name);
    const rounds = [
      { sizes: { mimeType: "video/VP9", scalabilityMode: "L3T3_KEY" }, both: "180,360,180" },
      { sizes: { mimeType: "video/AV1", scalabilityMode: "L3T3" }, both: "360,180" }, // it may begin with the large one
    ];
    for (const { sizes, both } of rounds) {
      await ana.evaluate((wanted) => Object.assign(window, { sizes: wanted }), sizes);
      await ana.press("Share");
      for (const person of [bo, fox]) {
        let heights = "";
        for (const end = Date.now() + 60_000; !heights.includes(both); heights = await person.evaluate(seenSizes)) {
          assert.ok(Date.now() < end, `${person.name}, ${sizes.mimeType}: ${heights}`);
          await sleep(200);
        }
        assert.equal(await person.evaluate(comesAs), sizes.mimeType);
        t.diagnostic(`${person.name}, ${sizes.mimeType}: ${heights}`);
      }
      await ana.press("Stop sharing");
      for (const person of [bo, fox]) await person.until(() => !document.querySelector("[data-share]"), null, 5000, "no share");
    }
  } finally {
    for (const person of people) await person.close();
  }
});
