// Plays the sound slots: an audio element each, without a place in the page. A slot is played only
// while its sender's frames are being decrypted, and listened to for who is speaking.

import { type Meter, meterOf, SpeakingDetector } from "./level.ts";

interface Playing {
  readonly element: HTMLAudioElement;
  readonly meter: Meter;
  readonly voice: SpeakingDetector;
}

const LISTEN_EVERY_MS = 100;

export interface PlaybackEvents {
  /** Whether the browser holds sound back until a press, or who is speaking, changed. */
  readonly changed: () => void;
}

export class Playback {
  readonly #events: PlaybackEvents;
  readonly #playing = new Map<string, Playing>();
  #speaker = "";
  #blocked = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(events: PlaybackEvents) {
    this.#events = events;
  }

  get blocked(): boolean {
    return this.#blocked;
  }

  /** The sound of this line, from now until `stop`. */
  play(line: string, stream: MediaStream): void {
    if (this.#playing.has(line)) return;
    const element = new Audio();
    element.srcObject = stream;
    this.#route(element);
    this.#playing.set(line, { element, meter: meterOf(stream), voice: new SpeakingDetector() });
    this.#start(element);
    this.#timer ??= setInterval(() => this.#listen(), LISTEN_EVERY_MS);
  }

  stop(line: string): void {
    const playing = this.#playing.get(line);
    if (!playing) return;
    playing.element.srcObject = null;
    playing.meter.stop();
    this.#playing.delete(line);
    if (this.#playing.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  stopAll(): void {
    for (const line of [...this.#playing.keys()]) this.stop(line);
    this.#setBlocked(false);
  }

  speaking(line: string): boolean {
    return this.#playing.get(line)?.voice.speaking ?? false;
  }

  /** To be called on a press after the browser blocked sound. */
  unblock(): void {
    this.#setBlocked(false);
    for (const { element } of this.#playing.values()) this.#start(element);
  }

  /** Where sound comes out; "" is the system's choice. Only some browsers can. */
  setSpeaker(id: string): void {
    this.#speaker = id;
    for (const { element } of this.#playing.values()) this.#route(element);
  }

  #start(element: HTMLAudioElement): void {
    element.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "NotAllowedError") this.#setBlocked(true);
    });
  }

  #route(element: HTMLAudioElement): void {
    if (canChooseSpeaker()) void element.setSinkId(this.#speaker).catch(() => {});
  }

  #setBlocked(blocked: boolean): void {
    if (this.#blocked === blocked) return;
    this.#blocked = blocked;
    this.#events.changed();
  }

  #listen(): void {
    const now = performance.now();
    let changed = false;
    for (const { meter, voice } of this.#playing.values()) {
      const before = voice.speaking;
      changed = voice.hear(meter.read(), now) !== before || changed;
    }
    if (changed) this.#events.changed();
  }
}

export function canChooseSpeaker(): boolean {
  return "setSinkId" in HTMLMediaElement.prototype;
}
