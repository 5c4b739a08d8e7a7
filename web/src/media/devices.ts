// Own microphone, camera and speaker on every page: what is on, what can be chosen, how loud the
// microphone is. Nothing is asked of the browser before a press.

import { Capture, type DeviceKind } from "./capture.ts";
import { audioContext, type Meter, meterOf, meterStep, SpeakingDetector } from "./level.ts";
import { canChooseSpeaker } from "./playback.ts";

export interface Choice {
  readonly id: string;
  readonly label: string;
}

export interface DeviceEvents {
  /** A device went on, off or was exchanged, or a menu changed. */
  readonly changed: () => void;
  /** The level of the own microphone, or whether the own voice is speaking, changed. */
  readonly heard: () => void;
  readonly speaker: (id: string) => void;
}

const LEVEL_EVERY_MS = 200;
const TONE_HZ = 440;
const LET_IN_HZ = [523, 659]; // c, e
const LET_IN_S = 0.7;
const TONE_S = 0.6;

export class Devices {
  readonly microphone: Capture;
  readonly camera: Capture;
  readonly #events: DeviceEvents;
  #voice = new SpeakingDetector();
  #choices: Readonly<Record<MediaDeviceKind, readonly Choice[]>> = {
    audioinput: [],
    videoinput: [],
    audiooutput: [],
  };
  #speaker = "";
  #level = 0;
  #meter: { readonly track: MediaStreamTrack; readonly meter: Meter } | undefined;
  #preview: { readonly track: MediaStreamTrack; readonly stream: MediaStream } | undefined;
  #listening: ReturnType<typeof setInterval> | undefined;

  constructor(events: DeviceEvents) {
    this.#events = events;
    this.microphone = new Capture("microphone", () => this.#changed());
    this.camera = new Capture("camera", () => this.#changed());
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.#list());
  }

  get level(): number {
    return this.microphone.on ? this.#level : 0;
  }

  /** The own voice, also in the short time in which a microphone turned off is still open. */
  get speaking(): boolean {
    return this.#voice.speaking;
  }

  get speaker(): string {
    return this.#speaker;
  }

  get preview(): MediaStream | undefined {
    const track = this.camera.isLive ? this.camera.running : undefined;
    if (!track) this.#preview = undefined;
    else if (this.#preview?.track !== track)
      this.#preview = { track, stream: new MediaStream([track]) };
    return this.#preview?.stream;
  }

  choices(kind: DeviceKind | "speaker"): readonly Choice[] {
    if (kind === "speaker") return canChooseSpeaker() ? this.#choices.audiooutput : [];
    return this.#choices[kind === "microphone" ? "audioinput" : "videoinput"];
  }

  chooseSpeaker(id: string): void {
    this.#speaker = id;
    this.#events.speaker(id);
    this.#events.changed();
  }

  /** A short tone from the chosen speaker. */
  testSound(): Promise<void> {
    return this.#play([TONE_HZ], TONE_S, 0.2);
  }

  /** Two soft notes that rise: one was let in. */
  letInSound(): Promise<void> {
    return this.#play(LET_IN_HZ, LET_IN_S, 0.08);
  }

  /** Every device off and stopped: after leaving. */
  stop(): void {
    this.microphone.stop();
    this.camera.stop();
    this.#follow();
  }

  // One note after the other, together `seconds` long, and less and less loud.
  async #play(notes: readonly number[], seconds: number, loudness: number): Promise<void> {
    const audio = audioContext();
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const done = await this.#toSpeaker(volume, audio);
    const begin = audio.currentTime;
    notes.forEach((hz, at) => {
      tone.frequency.setValueAtTime(hz, begin + (seconds * at) / notes.length);
    });
    volume.gain.setValueAtTime(loudness, begin);
    volume.gain.linearRampToValueAtTime(0, begin + seconds);
    tone.connect(volume);
    tone.start(begin);
    tone.stop(begin + seconds);
    tone.onended = done;
  }

  // Another speaker than the usual one is chosen by way of an element; gives what ends it.
  async #toSpeaker(sound: AudioNode, audio: AudioContext): Promise<() => void> {
    if (!canChooseSpeaker() || this.#speaker === "") {
      sound.connect(audio.destination);
      return () => sound.disconnect();
    }
    const out = audio.createMediaStreamDestination();
    const element = new Audio();
    sound.connect(out);
    element.srcObject = out.stream;
    await element.setSinkId(this.#speaker).catch(() => {});
    await element.play().catch(() => {});
    return () => {
      element.srcObject = null;
    };
  }

  #changed(): void {
    this.#follow();
    void this.#list();
    this.#events.changed();
  }

  // The meter follows the microphone's track, whichever it is.
  #follow(): void {
    const track = this.microphone.running;
    if (this.#meter?.track === track) return;
    this.#meter?.meter.stop();
    clearInterval(this.#listening);
    this.#meter = track && { track, meter: meterOf(new MediaStream([track])) };
    this.#level = 0;
    this.#voice = new SpeakingDetector(); // what the last track ended with is over
    if (this.#meter) this.#listening = setInterval(() => this.#listen(), LEVEL_EVERY_MS);
  }

  #listen(): void {
    if (!this.#meter) return;
    const db = this.#meter.meter.read();
    const level = meterStep(db);
    const spoke = this.#voice.speaking;
    const speaking = this.#voice.hear(db, performance.now());
    if (level === this.#level && speaking === spoke) return;
    this.#level = level;
    this.#events.heard();
  }

  // Labels come with the first permission; before it there is no menu.
  async #list(): Promise<void> {
    const found = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    const of = (kind: MediaDeviceKind) =>
      found
        .filter((device) => device.kind === kind && device.deviceId !== "" && device.label !== "")
        .map((device) => ({ id: device.deviceId, label: device.label }));
    const choices = {
      audioinput: of("audioinput"),
      videoinput: of("videoinput"),
      audiooutput: of("audiooutput"),
    };
    if (JSON.stringify(choices) === JSON.stringify(this.#choices)) return;
    this.#choices = choices;
    this.#events.changed();
  }
}
