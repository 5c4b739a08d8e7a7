// A clapperboard: a clip whose picture flashes in the moment in which its sound beeps, and how far apart the two
// come out in a page that shows it.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { kept, wav, y4m } from "../../lib/raw_media.mjs";

const RATE = 30;
const FRAMES = 60; // two seconds
const FLASH = 30; // begins with this frame
const LENGTH_MS = 100;
const LOOKAHEAD = 312; // samples by which opusenc is late

function* flashes() {
  const chroma = Buffer.alloc((160 * 90) / 4, 128);
  for (let i = 0; i < FRAMES; i++) {
    const lit = i >= FLASH && i < FLASH + (LENGTH_MS * RATE) / 1000;
    yield [Buffer.alloc(160 * 90, lit ? 235 : 30 + (i % 2)), chroma, chroma];
  }
}

/** Every frame is a key frame, so that the clip can begin anywhere without leaving its sound behind. */
const pictures = () => {
  const raw = kept("media", "clapper.y4m", (file) => writeFileSync(file, y4m(160, 90, flashes(), RATE)));
  return kept("media", "clapper.ivf", (file) =>
    execFileSync("vpxenc", ["--quiet", "--codec=vp8", "--ivf", "--cpu-used=8", "--deadline=1", "--kf-max-dist=0",
      "--lag-in-frames=0", "--drop-frame=0", "--target-bitrate=400", "-o", file, raw]),
  );
};

/** A hundred frames of 20 ms, what the encoder adds in front included. */
const beeps = () => {
  const raw = kept("media", "clapper.wav", (file) => {
    const bytes = wav(1000, 2, 12_000);
    const from = (FLASH / RATE) * 48_000 - LOOKAHEAD;
    for (let i = 0; i < 2 * 48_000; i++)
      if (i < from || i >= from + LENGTH_MS * 48) bytes.writeInt16LE(0, 44 + 2 * i);
    const end = 2 * 48_000 - LOOKAHEAD - 480;
    bytes.writeUInt32LE(36 + 2 * end, 4);
    bytes.writeUInt32LE(2 * end, 40);
    writeFileSync(file, bytes.subarray(0, 44 + 2 * end));
  });
  return kept("media", "clapper.opus", (file) => execFileSync("opusenc", ["--quiet", "--bitrate", "32", raw, file]));
};

export const clapper = () => ["--video", pictures(), "--audio", beeps()];

/**
 * For `ms`: how long after its beep each flash of `who` was shown, in ms, and the same by the browser's own account, where
 * it gives one, which is when it keeps the two in step. Chromium stamps the sound as its player takes it, and says how long the
 * way to the loudspeaker is from there; an AudioContext would hear it 15 to 60 ms after the loudspeaker. Firefox's
 * statistics say, a little late, that something loud was played.
 */
export function skews(person, who, ms) {
  return person.evaluate(
    async ([name, length]) => {
      const tile = [...document.querySelectorAll("[data-person]")].find((t) => t.textContent.includes(name));
      const video = tile.querySelector("video");
      const sounds = [...window.seenByTest.sounds].filter((e) => e.srcObject?.getAudioTracks().length && !e.paused);
      const connection = window.seenByTest.connections.at(-1);
      const end = performance.now() + length;
      const [flashes, beeps, estimated] = [[], [], []];

      const draw = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
      let lit = true;
      const onFrame = (now, { expectedDisplayTime }) => {
        draw.drawImage(video, 0, 0, 1, 1);
        const isLit = draw.getImageData(0, 0, 1, 1).data[1] > 128;
        if (isLit && !lit) flashes.push(expectedDisplayTime);
        lit = isLit;
        if (now < end) video.requestVideoFrameCallback(onFrame);
      };
      video.requestVideoFrameCallback(onFrame);

      const beep = (at) => beeps.every((each) => at - each > 500) && beeps.push(at);
      const isStamped = "MediaStreamTrackProcessor" in window;
      let behind = Number.POSITIVE_INFINITY; // the page's clock after that of the stamps: of the quickest
      const listen = async (reader) => {
        for (let next = await reader.read(); !next.done && performance.now() < end; next = await reader.read()) {
          const { timestamp, numberOfFrames, sampleRate } = next.value;
          behind = Math.min(behind, performance.now() - timestamp / 1000);
          const samples = new Float32Array(numberOfFrames);
          next.value.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
          next.value.close();
          const first = samples.findIndex((v) => Math.abs(v) > 0.05);
          if (first >= 0) beep(timestamp / 1000 + (1000 * first) / sampleRate);
        }
        await reader.cancel();
      };
      const listening = (isStamped ? sounds : []).map(({ srcObject }) => {
        const track = srcObject.getAudioTracks()[0].clone();
        return listen(new MediaStreamTrackProcessor({ track }).readable.getReader());
      });

      let energy = Number.POSITIVE_INFINITY;
      const player = { delay: 0, samples: 1 };
      const ask = async () => {
        const reports = [...(await connection.getStats()).values()];
        const coming = reports.filter(({ type, packetsReceived }) => type === "inbound-rtp" && packetsReceived > 20);
        const [heard, seen] = ["audio", "video"].map((kind) => coming.find((each) => each.kind === kind));
        if (!isStamped && heard?.totalAudioEnergy - energy > 1e-5) beep(performance.now());
        energy = heard?.totalAudioEnergy ?? energy;
        if (isStamped && heard?.estimatedPlayoutTimestamp && seen?.estimatedPlayoutTimestamp)
          estimated.push(seen.estimatedPlayoutTimestamp - heard.estimatedPlayoutTimestamp);
        const playout = reports.find(({ type }) => type === "media-playout");
        if (playout) Object.assign(player, { delay: playout.totalPlayoutDelay, samples: playout.totalSamplesCount });
      };

      while (performance.now() < end) {
        await new Promise((next) => setTimeout(next, isStamped ? 100 : 8));
        await ask();
      }
      await Promise.race([Promise.all(listening), new Promise((next) => setTimeout(next, 500))]);
      const late = isStamped ? behind + (1000 * player.delay) / player.samples : 0;
      const nearest = (flash) => beeps.map((at) => flash - at - late).sort((a, b) => Math.abs(a) - Math.abs(b))[0];
      return { measured: flashes.map(nearest).filter((by) => Math.abs(by) < 1000), estimated };
    },
    [who, ms],
  );
}
