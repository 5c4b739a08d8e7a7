// What the media worker holds in its hands (SEC-01): a test build of it records every payload of a
// call with a known picture and a known tone. Each check is first shown to find the clear media.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Client, framesOf, picture, tone } from "./lib/client.mjs";
import { makeFolder, Server } from "./lib/server.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const recorder = path.join(root, "build/asan/tests/worker/incamera-media-tap");
const { folder, remove } = makeFolder();
const work = mkdtempSync(path.join(tmpdir(), "incamera-"));
const record = path.join(work, "payloads");
let video, voice;

// Payload types of the headless client.
const [PICTURES, VOICE] = [100, 110];

/** Payloads of a type, in the order they came: 4 bytes of length, 1 of payload type, the payload. */
function payloads(bytes, wanted) {
  const all = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (bytes[at + 4] === wanted) all.push(bytes.subarray(at + 5, at + 5 + length));
    at += 5 + length;
  }
  return all;
}

/** Length of a VP8 payload descriptor (RFC 7741 section 4.2). */
function descriptorLength(payload) {
  if (!(payload[0] & 0x80)) return 1;
  const flags = payload[1];
  let length = 2;
  if (flags & 0x80) length += payload[2] & 0x80 ? 2 : 1;
  if (flags & 0x40) length++;
  if (flags & 0x30) length++;
  return length;
}

/** The frames that VP8 payloads carry, as a receiver would put them together. */
function assembled(packets) {
  const frames = [];
  for (const packet of packets) {
    const body = packet.subarray(descriptorLength(packet));
    if ((packet[0] & 0x17) === 0x10) frames.push([body]);
    else frames.at(-1)?.push(body);
  }
  return frames.map((parts) => Buffer.concat(parts));
}

/** How like the known picture (luma rises by one a pixel, to the right and down) what a decoder makes of
 * these frames is: 1 the same, 0 nothing alike. */
function likeness(frames) {
  const header = Buffer.alloc(32);
  header.write("DKIF");
  header.writeUInt16LE(32, 6);
  header.write("VP80", 8);
  header.writeUInt16LE(640, 12);
  header.writeUInt16LE(360, 14);
  header.writeUInt32LE(30, 16);
  header.writeUInt32LE(1, 20);
  const parts = frames.flatMap((frame, i) => {
    const head = Buffer.alloc(12);
    head.writeUInt32LE(frame.length);
    head.writeUInt32LE(i, 4);
    return [head, frame];
  });
  const ivf = path.join(work, "assembled.ivf");
  writeFileSync(ivf, Buffer.concat([header, ...parts]));
  let raw;
  try {
    raw = execFileSync("vpxdec", ["--i420", "--keep-going", "-o", "-", ivf], { maxBuffer: 1 << 30, stdio: ["ignore", "pipe", "ignore"] });
  } catch (error) {
    raw = error.stdout ?? Buffer.alloc(0);
  }
  let best = 0;
  for (let at = 0; at + 640 * 360 * 1.5 <= raw.length; at += 640 * 360 * 1.5) {
    let rising = 0;
    let seen = 0;
    for (let y = 8; y < 350; y += 9)
      for (let x = 8; x < 620; x += 7) {
        const step = (raw[at + y * 640 + x + 8] - raw[at + y * 640 + x]) & 255;
        rising += step > 4 && step < 12;
        seen++;
      }
    best = Math.max(best, rising / seen);
  }
  return best;
}

/** The newest frame of a voice packet, without the copies in front of it (RFC 2198): those were counted
 * when they were new. */
function newest(packet) {
  let header = 0;
  let copies = 0;
  for (; packet[header] & 0x80; header += 4) copies += packet.readUInt16BE(header + 2) & 0x3ff;
  return packet.subarray(header + 1 + copies);
}

/** Distance from even use of all byte values, per degree of freedom: about 1 for ciphertext. */
function unevenness(bytes) {
  const counts = new Float64Array(256);
  for (const b of bytes) counts[b]++;
  const mean = bytes.length / 256;
  return counts.reduce((sum, n) => sum + (n - mean) ** 2 / mean, 0) / 255;
}

before(async () => {
  process.env.INCAMERA_PAYLOAD_TAP = record; // the worker's environment is the server's, which is ours
  const server = await Server.start(folder, [`--media.program=${recorder}`, "--media.addresses=127.0.0.1", "--media.workers=1"]);
  const media = ["--video", picture(), "--audio", tone(440)];
  const host = new Client(["--start", server.startAddress, "--admit", ...media]);
  const guest = new Client([await host.link(), "--name", "guest", "--publishers", 0]);
  await guest.line((line) => line.seconds > 4 && line.video_in > 20 && line.audio_in > 40, 60_000);
  await guest.leave();
  await host.leave();
  await server.stop();
  [video, voice] = [PICTURES, VOICE].map((type) => payloads(readFileSync(record), type));
});
after(() => {
  remove();
  rmSync(work, { recursive: true, force: true });
});

test("the worker's payloads decode to nothing like the picture that was sent (SEC-01)", () => {
  assert.ok(likeness(framesOf(readFileSync(picture()))) > 0.9, "the check knows the clear picture");
  const sealed = assembled(video);
  assert.ok(sealed.length > 20, `${sealed.length} frames`);
  assert.ok(likeness(sealed) < 0.3, `likeness ${likeness(sealed)}`);
});

test("no piece of a frame that was sent is in the worker's payloads (SEC-01)", () => {
  const pieces = (frames) => frames.flatMap((f) => [12, 40, 90].filter((at) => at + 16 < f.length).map((at) => f.subarray(at, at + 16)));
  const wanted = pieces(framesOf(readFileSync(picture())));
  assert.ok(wanted.length > 60);
  assert.ok(wanted.every((piece) => readFileSync(picture()).includes(piece)), "the check finds clear pieces");
  const held = Buffer.concat(video);
  for (const piece of wanted) assert.ok(!held.includes(piece));
});

test("the voice payloads are as even as noise, which Opus is not (SEC-01, SEC-05)", () => {
  assert.ok(voice.length > 100);
  const opus = readFileSync(tone(440)).subarray(1000);
  assert.ok(unevenness(opus) > 2, `clear: ${unevenness(opus)}`);
  const hidden = Buffer.concat(voice.map((packet) => newest(packet).subarray(8))); // behind the SFrame header
  assert.ok(unevenness(hidden) < 1.5, `sealed: ${unevenness(hidden)}`);
});

test("the voice frames have no lengths but the three, whatever is in them (PRV-17)", () => {
  const lengths = new Set(voice.map((packet) => newest(packet).length));
  for (const length of lengths) assert.ok([112, 176, 416].includes(length), `${[...lengths]}`);
});
