// The headless client against the real server and media worker, all on loopback:
//
//   incamera-client ---- WebSocket ---- incamera serve
//          \------------ UDP ---------- incamera-media ------ incamera-client
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { client } from "../lib/programs.mjs";
import { Client, framesOf, MEDIA, picture, tone } from "./lib/client.mjs";
import { Scene } from "./lib/evil_scene.mjs";
import { makeFolder, program, Server } from "./lib/server.mjs";

const { folder, remove } = makeFolder();
const written = mkdtempSync(path.join(tmpdir(), "incamera-"));
let server;

before(async () => {
  server = await Server.start(folder, MEDIA);
});
after(async () => {
  await server.stop();
  remove();
  rmSync(written, { recursive: true, force: true });
});

/** An address that may start one more meeting. */
function startAddress() {
  const port = server.port;
  return execFileSync(program, [
    "start-address",
    `--http.listen=127.0.0.1:${port}`,
    `--store.path=${folder}/store/incamera.db`,
  ])
    .toString()
    .trim();
}

const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");

test("two participants write down exactly the picture and the sound that the other sent", async () => {
  const media = ["--video", picture(), "--audio", tone(440)];
  const host = new Client(["--start", startAddress(), "--admit", ...media, "--write", written]);
  const guest = new Client([await host.link(), ...media, "--name", "guest"]);
  await host.line((line) => line.video_in > 20 && line.audio_in > 40);
  await guest.line((line) => line.video_in > 20 && line.audio_in > 40);
  const [guestTotal, hostTotal] = [await guest.leave(), await host.leave()];

  for (const total of [guestTotal, hostTotal]) {
    assert.equal(total.failed, 0);
    assert.equal(total.joins, 1);
  }
  const files = readdirSync(written);
  const video = files.find((name) => name.endsWith("-camera.ivf"));
  const audio = files.find((name) => name.endsWith("-microphone.opus"));
  const sent = new Set(framesOf(readFileSync(picture())).map(digest));
  const received = framesOf(readFileSync(path.join(written, video)));
  assert.ok(received.length > 20);
  assert.ok(received.every((frame) => sent.has(digest(frame))));
  // A decoder that stops at a frame it cannot decode would count fewer.
  const decoded = execFileSync("vpxdec", ["--i420", "-o", "-", path.join(written, video)], { maxBuffer: 1 << 30 });
  assert.equal(decoded.length, received.length * 640 * 360 * 1.5);
  const sound = execFileSync("opusdec", ["--quiet", path.join(written, audio), "-"], { maxBuffer: 1 << 28 });
  assert.ok(sound.length > 48_000);
});

test("three participants each see and hear the two others", async () => {
  const three = new Client(["--start", startAddress(), "--admit", "--count", 3, "--pattern", 300_000, "--tone"]);
  const line = await three.line((l) => l.joined === 3 && l.people === 2 && l.video_in >= 120 && l.audio_in >= 240);
  const total = await three.leave();
  assert.equal(total.failed, 0);
  assert.ok(line.latency_count > 0);
  assert.equal((await three.exited).code, 0);
});

test("a shared screen and its sound come as they were sent, beside the camera", async () => {
  const folderOfScreen = mkdtempSync(path.join(tmpdir(), "incamera-"));
  const media = ["--pattern", 300_000, "--screen", picture(), "--screen-audio", tone(880), "--tone"];
  const host = new Client(["--start", startAddress(), "--admit", ...media]);
  const guest = new Client([await host.link(), "--write", folderOfScreen]);
  await guest.line((line) => line.video_in > 40 && line.audio_in > 80);
  const total = await guest.leave();
  await host.leave();
  assert.equal(total.failed, 0);

  const file = (stream) => {
    const name = readdirSync(folderOfScreen).find((each) => each.includes(stream));
    assert.ok(name, `${readdirSync(folderOfScreen)} holds no ${stream}`);
    return path.join(folderOfScreen, name);
  };
  const sent = new Set(framesOf(readFileSync(picture())).map(digest));
  const received = framesOf(readFileSync(file("-screen.ivf")));
  assert.ok(received.length > 10);
  assert.ok(received.every((frame) => sent.has(digest(frame))));
  const sound = execFileSync("opusdec", ["--quiet", file("-screen_audio.opus"), "-"], { maxBuffer: 1 << 28 });
  assert.ok(sound.length > 48_000);
  assert.ok(file("-microphone.opus") && file("-camera.ivf"));
  rmSync(folderOfScreen, { recursive: true, force: true });
});

test("one who can only SRTP with HMAC-SHA1 talks with one who has GCM, both ways", async () => {
  const media = ["--video", picture(), "--audio", tone(440)];
  const modern = new Client(["--start", startAddress(), "--admit", ...media]);
  const old = new Client([await modern.link(), ...media, "--sha1-srtp"]);
  for (const each of [modern, old]) await each.line((line) => line.video_in > 20 && line.audio_in > 40);
  const [oldTotal, modernTotal] = [await old.leave(), await modern.leave()];
  assert.deepEqual([modernTotal.srtp_gcm, modernTotal.srtp_sha1, modernTotal.failed], [1, 0, 0]);
  assert.deepEqual([oldTotal.srtp_gcm, oldTotal.srtp_sha1, oldTotal.failed], [0, 1, 0]);
});

test("a participant with another secret is refused and says so", async () => {
  const host = new Client(["--start", startAddress(), "--admit", "--tone"]);
  const link = await host.link();
  const wrong = new Client([link.replace(/#(..).{8}/, "#$1AAAAAAAA")]);
  assert.equal((await wrong.exited).code, 1);
  assert.match(wrong.complaints, /no such meeting, or the link's secret is wrong/);
  await host.leave();
});

test("a link of a meeting without a door is refused, and the keys it gave are gone from the program", () => {
  const link = `https://localhost/${"A".repeat(22)}#AQ${"A".repeat(42)}`;
  const { status, stderr } = spawnSync(client, [link], { timeout: 5000 });
  assert.equal(status, 2);
  assert.match(stderr.toString(), /without a door/);
  const bytes = readFileSync(client);
  assert.ok(bytes.includes("incamera 2 admission"), "labels are found here");
  for (const gone of ["incamera 1 frames", "incamera 1 announcement", "incamera 1 admission"]) assert.ok(!bytes.includes(gone), gone);
});

test("a start address makes one meeting only", async () => {
  const address = startAddress();
  const first = new Client(["--start", address]);
  await first.link();
  const second = new Client(["--start", address]);
  assert.equal((await second.exited).code, 1);
  assert.match(second.complaints, /start address is unknown or was used/);
  await first.leave();
});

test("who leaves is gone from the others' list at once", async () => {
  const host = new Client(["--start", startAddress(), "--admit", "--tone"]);
  const guest = new Client([await host.link(), "--tone"]);
  await host.line((line) => line.people === 1);
  await guest.leave();
  const seen = host.lines.length;
  await host.line((line) => host.lines.indexOf(line) >= seen && line.people === 0, 5000);
  await host.leave();
});

test("who leaves goes when the server closes the socket, and before that waits: a reset could overtake the goodbye", async (t) => {
  const scene = await Scene.open(t, server, folder);
  const [answered, unanswered] = [await scene.comeIn("Layla"), await scene.comeIn("Kofi")];
  unanswered.wire.up = (message) => (message.type === "leave" ? null : message);
  const leaving = [answered, unanswered].map((each) => each.leave());
  assert.equal(await Promise.race([leaving[0].then(() => "answered"), leaving[1].then(() => "unanswered")]), "answered");
  const waiting = await Promise.race([leaving[1].then(() => "gone"), sleep(1000, "waiting")]);
  assert.equal(waiting, "waiting");
  await leaving[1];
});

test("a small tile gets the smallest layer of three, and a large one the largest", async () => {
  const host = new Client(["--start", startAddress(), "--admit", "--pattern", 1_000_000, "--layers", 3]);
  const link = await host.link();
  const small = new Client([link, "--height", 90]);
  await small.line((line) => line.video_in >= 25 && line.seconds > 2.5);
  const { bytes_in } = small.lines.at(-1);
  const large = new Client([link, "--height", 720]);
  await large.line((line) => line.video_in >= 25 && line.bytes_in > 4 * bytes_in);
  const still = small.lines.at(-1).bytes_in;
  assert.ok(still < 2 * bytes_in, `the small one got ${bytes_in} and then ${still} bytes a second`);
  for (const guest of [small, large]) assert.equal((await guest.leave()).failed, 0);
  await host.leave();
});

test("packets that are lost on the way are asked for again, and no frame is missing", async () => {
  const host = new Client(["--start", startAddress(), "--admit", "--pattern", 1_000_000]);
  const guest = new Client([await host.link()], "lossy");
  await guest.line((line) => line.resent_in > 0);
  await guest.line((line) => line.seconds >= 6);
  const total = await guest.leave();
  await host.leave();
  assert.ok(total.resent_in > 10, `${total.resent_in} packets resent`);
  assert.ok(total.decrypted > 100);
  // Who comes in between two key frames has no use for what precedes its first.
  const begun = guest.lines.findIndex((line) => line.video_in > 0);
  const later = guest.lines.slice(begun + 1).filter((line) => line.final === false);
  const dropped = later.reduce((sum, line) => sum + line.dropped, 0);
  assert.ok(later.length >= 3 && dropped <= total.decrypted / 50, `${dropped} of ${total.decrypted} frames dropped`);
});

test("media also goes over TCP", async () => {
  const two = new Client(["--start", startAddress(), "--admit", "--count", 2, "--pattern", 300_000, "--tone", "--tcp"]);
  await two.line((line) => line.joined === 2 && line.video_in >= 50 && line.audio_in >= 90);
  const total = await two.leave();
  assert.equal(total.failed, 0);
});

test("a certificate made by the server's owner is refused unless --insecure-certificate says otherwise", async () => {
  const own = makeFolder();
  const [certificate, key] = [path.join(own.folder, "cert.pem"), path.join(own.folder, "key.pem")];
  execFileSync("openssl", [
    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
  ], { stdio: "ignore" });
  const secure = await Server.start(own.folder, [...MEDIA, `--tls.certificate=${certificate}`, `--tls.key=${key}`]);
  try {
    assert.match(secure.startAddress, /^https:/);
    const two = new Client(["--start", secure.startAddress, "--admit", "--count", 2, "--tone", "--insecure-certificate"]);
    const link = await two.link();
    await two.line((line) => line.joined === 2 && line.audio_in >= 90);
    const careful = new Client([link, "--seconds", 3]);
    assert.equal((await careful.exited).code, 1);
    assert.match(careful.complaints, /does not accept a WebSocket/);
    await two.leave();
  } finally {
    await secure.stop();
    own.remove();
  }
});
