// What a person sees and hears, measured in the page: colours and movement of a tile's picture, and
// the pitch that comes out of the loudspeaker.
import assert from "node:assert/strict";

/** Samples the picture in the tile of `who` until it changed 60 times, `ms` at most: how often it changed, and the mean colour. */
export async function look(person, who, ms = 20000) {
  return person.evaluate(
    async ([name, length]) => {
      const tile = [...document.querySelectorAll("[data-person]")].find(
        (t) => t.textContent.includes(name) && t.querySelector("video"),
      );
      const video = tile?.querySelector("video");
      if (!video) return { changes: 0, colour: null, width: 0 };
      const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 90 });
      const draw = canvas.getContext("2d", { willReadFrequently: true });
      let changes = 0;
      let before = null;
      let colour = null;
      const end = performance.now() + length;
      while (performance.now() < end && changes < 60) {
        await new Promise((next) => setTimeout(next, 25));
        if (!video.videoWidth) continue;
        draw.drawImage(video, 0, 0, 160, 90);
        const pixels = draw.getImageData(0, 0, 160, 90).data;
        let sum = 0;
        for (let i = 0; i < pixels.length; i++) sum = (sum * 31 + pixels[i]) % 1000003;
        if (before !== null && sum !== before) changes++;
        before = sum;
        const middle = (30 * 160 + 80) * 4;
        colour = [...pixels.slice(middle, middle + 3)];
      }
      return { changes, colour, width: video.videoWidth, height: video.videoHeight };
    },
    [who, ms],
  );
}

/** The strongest pitch in hertz, and the loudness, of one sound that is played (the first, or `which`), over `ms`. It is
 * recorded and decoded again, since a machine without a sound card runs no AudioContext in Firefox. */
export async function listen(person, ms = 1500, which = 0) {
  return person.evaluate(async ([length, number]) => {
    const element = [...window.seenByTest.sounds].filter(
      (e) => e.srcObject?.getAudioTracks().length && !e.paused && !e.muted,
    )[number];
    if (!element) return { hertz: 0, loudness: 0 };
    const recorder = new MediaRecorder(element.srcObject);
    const parts = [];
    recorder.ondataavailable = (event) => parts.push(event.data);
    const stopped = new Promise((done) => {
      recorder.onstop = done;
    });
    recorder.start();
    await new Promise((next) => setTimeout(next, length));
    recorder.stop();
    await stopped;
    const sound = await new OfflineAudioContext(1, 48000, 48000)
      .decodeAudioData(await new Blob(parts).arrayBuffer())
      .catch(() => null);
    if (!sound) return { hertz: 0, loudness: 0 };
    const samples = sound.getChannelData(0).subarray(-Math.floor(sound.sampleRate * 0.75));
    const energy = samples.reduce((sum, v) => sum + v * v, 0) / samples.length;
    let hertz = 0;
    let most = 0;
    for (let candidate = 100; candidate <= 1200; candidate += 5) {
      const step = 2 * Math.cos((2 * Math.PI * candidate) / sound.sampleRate);
      let [last, before] = [0, 0]; // the algorithm of Goertzel
      for (let i = 0; i < samples.length; i++) [last, before] = [samples[i] + step * last - before, last];
      const power = last * last + before * before - step * last * before;
      if (power <= most) continue;
      most = power;
      hertz = candidate;
    }
    return { hertz, loudness: Math.sqrt(energy) };
  }, [ms, which]);
}

/** Asserts that exactly these tones (hertz, rising) come out of the loudspeaker, each as a sound of its own. */
export async function hears(person, ...tones) {
  let heard = [];
  for (let tries = 0; tries < 4; tries++) {
    heard = await Promise.all([...tones, "one too many"].map((_, which) => listen(person, 1500, which)));
    heard = heard.filter(({ loudness }) => loudness > 0.01).sort((a, b) => a.hertz - b.hertz);
    if (heard.length === tones.length && heard.every(({ hertz }, i) => Math.abs(hertz - tones[i]) < 15)) return;
  }
  assert.fail(`${person.name} heard ${JSON.stringify(heard)}, not ${tones}`);
}

export const near = (a, b, by) => a !== null && b !== null && a.every((v, i) => Math.abs(v - b[i]) <= by);
