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
 * it gives one, which is when it keeps the two in step. Without a sound card Firefox
 * runs no AudioContext: its statistics say, a little late, that something loud was played.
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
      const audio = new AudioContext();
      await Promise.race([audio.resume(), new Promise((next) => setTimeout(next, 500))]);
      const analyser = new AnalyserNode(audio, { fftSize: 8192 });
      for (const { srcObject } of sounds) audio.createMediaStreamSource(srcObject).connect(analyser);
      const samples = new Float32Array(8192);
      const listen = () => {
        const now = audio.currentTime;
        analyser.getFloatTimeDomainData(samples);
        const first = samples.findIndex((v) => Math.abs(v) > 0.05);
        const { contextTime, performanceTime } = audio.getOutputTimestamp();
        const context = now - (samples.length - first) / audio.sampleRate;
        if (first > 0) beep(performanceTime + (context - contextTime) * 1000);
      };

      let energy = Number.POSITIVE_INFINITY;
      const ask = async () => {
        const reports = [...(await connection.getStats()).values()];
        const coming = reports.filter(({ type, packetsReceived }) => type === "inbound-rtp" && packetsReceived > 20);
        const [heard, seen] = ["audio", "video"].map((kind) => coming.find((each) => each.kind === kind));
        if (audio.state !== "running" && heard?.totalAudioEnergy - energy > 1e-5) beep(performance.now());
        energy = heard?.totalAudioEnergy ?? energy;
        if (audio.state === "running" && heard?.estimatedPlayoutTimestamp && seen?.estimatedPlayoutTimestamp)
          estimated.push(seen.estimatedPlayoutTimestamp - heard.estimatedPlayoutTimestamp);
      };

      while (performance.now() < end) {
        await new Promise((next) => setTimeout(next, 8));
        if (audio.state === "running") listen();
        await ask();
      }
      await audio.close();
      const nearest = (flash) => beeps.map((at) => flash - at).sort((a, b) => Math.abs(a) - Math.abs(b))[0];
      return { measured: flashes.map(nearest).filter((by) => Math.abs(by) < 1000), estimated };
    },
    [who, ms],
  );
}
