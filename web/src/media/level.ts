// Loudness of a track, measured here over the last 200 ms and never told to anybody, and from it
// whether somebody is speaking (UX: 250 ms above the threshold; it holds 600 ms after).

const WINDOW_SAMPLES = 8192; // 171 ms at 48 kHz: the nearest power of two to 200 ms
const FLOOR_DB = -60;
const SPEAKING_DB = -45;
const RISE_MS = 250;
const HOLD_MS = 600;

/** One AudioContext for all measuring and for the test sound; started by a press. */
let context: AudioContext | undefined;

export function audioContext(): AudioContext {
  context ??= new AudioContext();
  if (context.state === "suspended") void context.resume().catch(() => {});
  return context;
}

export interface Meter {
  /** Loudness now in dB below full scale; -Infinity when silent. */
  readonly read: () => number;
  readonly stop: () => void;
}

export function meterOf(stream: MediaStream): Meter {
  const audio = audioContext();
  const source = audio.createMediaStreamSource(stream);
  const analyser = audio.createAnalyser();
  analyser.fftSize = WINDOW_SAMPLES;
  source.connect(analyser);
  const samples = new Float32Array(WINDOW_SAMPLES);
  return {
    read: () => {
      analyser.getFloatTimeDomainData(samples);
      return decibels(samples);
    },
    stop: () => source.disconnect(),
  };
}

export function decibels(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return 10 * Math.log10(sum / samples.length);
}

/** For a level meter: 0 (silent) to 1, in steps coarse enough not to redraw for nothing. */
export function meterStep(db: number): number {
  const share = Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
  return Math.round(share * 16) / 16;
}

/** Whether a voice is speaking; the times are any monotonic milliseconds. */
export class SpeakingDetector {
  #above: number | undefined; // since when
  #lastLoud = Number.NEGATIVE_INFINITY;
  speaking = false;

  hear(db: number, now: number): boolean {
    if (db >= SPEAKING_DB) {
      this.#above ??= now;
      this.#lastLoud = now;
      if (now - this.#above >= RISE_MS) this.speaking = true;
    } else {
      this.#above = undefined;
      if (now - this.#lastLoud >= HOLD_MS) this.speaking = false;
    }
    return this.speaking;
  }
}
