// The two directions of sdp.ts against what real browsers offered: our own recordings (fixtures/,
// made by fixtures/record.mjs) compared with whole answers, and the recorded offers of $VECTORS.

import assert from "node:assert/strict";

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseFromClient, write } from "../signal/messages.ts";
import { answerTo } from "./fixtures/answer.ts";
import {
  answerAfterRestart,
  BadOffer,
  connectLines,
  type Offer,
  type Purpose,
  parseOffer,
  playedTogether,
  writeAnswer,
} from "./sdp.ts";

const fixtures = "web/src/media/fixtures";
const browsers = ["chromium", "firefox"] as const;

function offerOf(browser: string): string {
  return readFileSync(join(fixtures, `${browser}.offer.sdp`), "utf8");
}

function purposesOf(browser: string): Map<string, Purpose> {
  const list: [string, Purpose][] = JSON.parse(
    readFileSync(join(fixtures, `${browser}.purposes.json`), "utf8"),
  );
  return new Map(list);
}

function sections(sdp: string): string[] {
  return sdp.split(/^(?=m=)/m).slice(1);
}

for (const browser of browsers) {
  test(`the answer to ${browser}'s offer of our lines is the golden one`, () => {
    const offer = parseOffer(offerOf(browser));
    const golden = readFileSync(join(fixtures, `${browser}.answer.sdp`), "utf8");
    assert.equal(writeAnswer(offer, answerTo(offer)), golden);
  });

  test(`${browser}'s offer makes a connect message of the grammar`, () => {
    const offer = parseOffer(offerOf(browser));
    const connect = {
      type: "connect" as const,
      connection: 1,
      ice: offer.ice,
      fingerprint: offer.fingerprint,
      lines: connectLines(offer, purposesOf(browser)),
    };
    assert.deepEqual(parseFromClient(write(connect)), connect);
    assert.equal(connect.lines.length, 19);
    const camera = connect.lines.find((line) => line.stream === "camera");
    assert.deepEqual(camera?.layers, ["l", "m", "h"]);
    for (const line of connect.lines) {
      assert.equal(line.codec === "vp8", line.rtx !== undefined);
      assert.ok(line.extensions.mid);
    }
  });
}

test("the lines read from an offer are the browser's own numbers", () => {
  const chromium = parseOffer(offerOf("chromium"));
  const { extmaps: _, ...camera } = chromium.lines[1] ?? assert.fail("no camera line");
  const more = (line: (typeof chromium.lines)[number] | undefined) =>
    line?.more.map(({ codec, pt, rtx }) => `${codec} ${pt} ${rtx}`);
  assert.deepEqual(more(chromium.lines[2]), ["vp9 98 99", "av1 45 46", "h264 108 109"]);
  assert.equal(chromium.lines[2]?.extensions.dependency, 12);
  assert.deepEqual(camera, {
    mid: "1",
    kind: "video",
    sends: true,
    pt: 96,
    rtx: 97,
    more: [],
    extensions: { orientation: 13, twcc: 3, mid: 4, rid: 10, rrid: 11, dependency: 12 },
    layers: ["l", "m", "h"],
  });
  const firefox = parseOffer(offerOf("firefox"));
  assert.deepEqual(more(firefox.lines[2]), ["vp9 121 125", "av1 99 100"]);
  const { extmaps, ...other } = firefox.lines[1] ?? assert.fail("no camera line");
  assert.equal(extmaps.get("rid")?.oneWay, true);
  assert.equal(extmaps.get("mid")?.oneWay, false);
  assert.deepEqual(other, {
    mid: "1",
    kind: "video",
    sends: true,
    pt: 120,
    rtx: 124,
    more: [],
    extensions: { mid: 3, twcc: 7, rid: 9, rrid: 10, dependency: 8 },
    layers: ["l", "m", "h"],
  });
});

// What must hold for any offer: nothing in the answer is of our own making.
function checkAnswer(sdp: string, offer: Offer): void {
  const offered = sections(sdp);
  const answered = sections(writeAnswer(offer, answerTo(offer)));
  assert.equal(answered.length, offered.length);
  answered.forEach((section, position) => {
    const own = offered[position] ?? "";
    const pts = (text: string) => (text.split("\r\n")[0] ?? "").split(" ").slice(3);
    for (const pt of pts(section)) assert.ok(pts(own).includes(pt), `payload type ${pt}`);
    for (const [, pt] of section.matchAll(/^a=(?:rtpmap|rtcp-fb|fmtp):(\d+) /gm))
      assert.ok(pts(section).includes(pt ?? ""), `attribute of payload type ${pt}`);
    for (const [, id, uri] of section.matchAll(/^a=extmap:(\d+)\S* (\S+)/gm)) {
      assert.ok(Number(id) >= 1 && Number(id) <= 14);
      assert.match(
        own,
        new RegExp(`^a=extmap:${id}(/\\w+)? ${uri?.replace(/[.#]/g, "\\$&")}\r$`, "m"),
      );
    }
    if (section.startsWith("m=audio")) {
      assert.match(section, /^a=fmtp:\d+ .*useinbandfec=1/m);
      assert.match(own, /audio-level/); // browsers offer to say how loud it is, in the clear (PRV-17)
      assert.doesNotMatch(section, /audio-level/);
      assert.doesNotMatch(section, /usedtx/); // silence is sent: its absence would tell who speaks
    }
    assert.match(section, /^a=setup:passive\r$/m);
    assert.match(section, /^a=rtcp-mux\r$/m);
    assert.doesNotMatch(section, /^a=sendrecv\r$/m);
  });
}

const vectors = join(process.env.VECTORS ?? "", "sdp");
const recorded =
  process.env.VECTORS && existsSync(vectors)
    ? readdirSync(vectors).filter((file) => file.endsWith(".offer.sdp"))
    : [];
const skip =
  recorded.length === 0 ? "no recorded offers: VECTORS names no folder with sdp/" : false;

test("every recorded offer with one-way lines is answered in its own numbers", { skip }, () => {
  let checked = 0;
  for (const file of recorded.filter((name) =>
    /simulcast3-vp8|simulcast3-default|viewer/.test(name),
  )) {
    const sdp = readFileSync(join(vectors, file), "utf8");
    checkAnswer(sdp, parseOffer(sdp));
    checked += 1;
  }
  assert.equal(checked, 6);
});

test("an offer without VP8 or Opus, or without media, is a BadOffer", { skip }, () => {
  for (const file of recorded.filter((name) => /svc-vp9|data-only/.test(name))) {
    const sdp = readFileSync(join(vectors, file), "utf8");
    assert.throws(() => parseOffer(sdp), BadOffer, file);
  }
});

test("a restart offer has new credentials and the same lines", { skip }, () => {
  for (const browser of ["chromium156", "firefox153esr"]) {
    const before = parseOffer(
      readFileSync(join(vectors, `${browser}--av-sendrecv.offer.sdp`), "utf8"),
    );
    const after = parseOffer(
      readFileSync(join(vectors, `${browser}--ice-restart.offer.sdp`), "utf8"),
    );
    assert.notDeepEqual(after.ice, before.ice);
    assert.equal(after.fingerprint, before.fingerprint);
    assert.deepEqual(after.lines, before.lines);
  }
});

for (const browser of browsers) {
  test(`what the server did not answer is inactive, for ${browser}`, () => {
    const sdp = offerOf(browser);
    const offer = parseOffer(sdp);
    const whole = answerTo(offer);
    const answer = { ...whole, lines: whole.lines.slice(0, 5) };
    const answered = sections(writeAnswer(offer, answer));
    answered.forEach((section, position) => {
      const wanted = position < 4 ? "recvonly" : position < 5 ? "sendonly" : "inactive";
      assert.match(section, new RegExp(`^a=${wanted}\r$`, "m"));
    });
    checkAnswer(sdp, offer);
  });
}

test("an extension the server chose but this line did not offer is left out", () => {
  const offer = parseOffer(offerOf("firefox"));
  const whole = answerTo(offer);
  const lines = whole.lines.map((line) => ({
    ...line,
    extensions: ["mid", "orientation"] as const,
  }));
  const text = writeAnswer(offer, { ...whole, lines });
  assert.doesNotMatch(text, /video-orientation/);
  assert.match(text, /sdes:mid/);
});

test("after a restart only the ICE credentials of the answer change", () => {
  const offer = parseOffer(offerOf("chromium"));
  const before = answerTo(offer);
  const ice = { ufrag: "m4K0t1bA", pwd: "YW5vdGhlci1zZXJ2ZXItcGFzc3dk" };
  const changed = writeAnswer(offer, answerAfterRestart(before, ice)).split("\r\n");
  const same = writeAnswer(offer, before).split("\r\n");
  const different = changed.filter((line, position) => line !== same[position]);
  assert.deepEqual([...new Set(different)].sort(), [
    `a=ice-pwd:${ice.pwd}`,
    `a=ice-ufrag:${ice.ufrag}`,
  ]);
});

test("the fingerprint of the offer comes out as the message's base64url and back", () => {
  const offer = parseOffer(offerOf("chromium"));
  const hex = /fingerprint:sha-256 (\S+)/.exec(offerOf("chromium"))?.[1];
  const text = writeAnswer(offer, { ...answerTo(offer), fingerprint: offer.fingerprint });
  assert.ok(hex);
  assert.ok(text.includes(`a=fingerprint:sha-256 ${hex}\r\n`));
});

const broken: { what: string; from: RegExp; to: string }[] = [
  { what: "no m-section", from: /m=[\s\S]*/, to: "" },
  { what: "no ICE user name", from: /a=ice-ufrag:.*\r\n/g, to: "" },
  { what: "no ICE password", from: /a=ice-pwd:.*\r\n/g, to: "" },
  { what: "no fingerprint", from: /a=fingerprint:.*\r\n/g, to: "" },
  { what: "a fingerprint of another hash", from: /sha-256/g, to: "sha-512" },
  { what: "a short fingerprint", from: /(a=fingerprint:sha-256 \S\S):\S+/g, to: "$1" },
  { what: "a line without mid", from: /a=mid:3\r\n/, to: "" },
  { what: "a line without its codec", from: /a=rtpmap:111 opus.*\r\n/g, to: "" },
];

for (const { what, from, to } of broken) {
  test(`an offer is refused: ${what}`, () => {
    const sdp = offerOf("chromium");
    assert.notEqual(sdp.replace(from, to), sdp);
    assert.throws(() => parseOffer(sdp.replace(from, to)), BadOffer);
  });
}

test("each voice is in one stream with the tile of its place, a screen's sound with the stage", () => {
  for (const browser of ["chromium", "firefox"]) {
    const offer = parseOffer(offerOf(browser));
    const purposes = purposesOf(browser);
    const streams = playedTogether(offer, purposes);
    const text = writeAnswer(offer, answerTo(offer), purposes);
    const of = (wanted: string) =>
      [...purposes].filter(([, p]) => "slot" in p && p.slot === wanted).map(([mid]) => mid);
    for (const [place, mid] of of("voice").entries()) {
      assert.equal(streams.get(mid), `person-${place}`);
      const tile = of("tile")[place];
      if (tile !== undefined) assert.equal(streams.get(tile), `person-${place}`);
      assert.ok(text.includes(`a=msid:person-${place} slot-${mid}\r\n`));
    }
    assert.deepEqual(
      [...of("screen_audio"), ...of("stage")].map((mid) => streams.get(mid)),
      ["screen-0", "screen-0"],
    );
  }
});
