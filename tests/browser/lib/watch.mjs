// What a person sees and hears, measured in the page: colours and movement of a tile's picture, and
// the pitch that comes out of the loudspeaker.

/** Samples the picture in the tile of `who` for `ms`: how often the bar moved, and the mean colour. */
export async function look(person, who, ms = 4000) {
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
      while (performance.now() < end) {
        await new Promise((next) => setTimeout(next, 25));
        if (!video.videoWidth) continue;
        draw.drawImage(video, 0, 0, 160, 90);
        const pixels = draw.getImageData(0, 0, 160, 90).data;
        let sum = 0;
        for (let i = 0; i < pixels.length; i += 4) sum = (sum * 31 + (pixels[i + 1] >> 4)) % 1000003;
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

/** The strongest pitch, in hertz, and its level in decibels, over everything that is played. */
export async function listen(person, ms = 2000) {
  return person.evaluate(async (length) => {
    const context = new AudioContext();
    await context.resume();
    const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0.5 });
    for (const element of document.querySelectorAll("audio"))
      if (element.srcObject?.getAudioTracks().length)
        context.createMediaStreamSource(element.srcObject).connect(analyser);
    await new Promise((next) => setTimeout(next, length));
    const levels = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(levels);
    const strongest = levels.indexOf(Math.max(...levels));
    const hertz = (strongest * context.sampleRate) / analyser.fftSize;
    await context.close();
    return { hertz, decibels: levels[strongest] };
  }, ms);
}

export const near = (a, b, by) => a !== null && b !== null && a.every((v, i) => Math.abs(v - b[i]) <= by);
