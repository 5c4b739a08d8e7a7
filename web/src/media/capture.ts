// One own device, microphone or camera: off until pressed. Off means that its track leaves at once
// and that the device itself is stopped 3 s later, so that its light goes out; a press within that
// time is answered without asking the device again.

import type { Source } from "./peer.ts";

export type DeviceKind = "microphone" | "camera";
export type DeviceProblem = "denied" | "busy" | "none" | "failed" | "gone"; // while it was on

const STOP_AFTER_MS = 3000;

export class Capture {
  readonly kind: DeviceKind;
  readonly #changed: () => void;
  #on = false;
  #paused = false;
  #problem: DeviceProblem | undefined;
  #chosen: string | undefined; // device id; undefined is the browser's choice
  #track: MediaStreamTrack | undefined;
  #deviceId: string | undefined; // of the track
  #stopping: ReturnType<typeof setTimeout> | undefined;
  #asked = 0; // which press the answer of the browser belongs to

  constructor(kind: DeviceKind, changed: () => void) {
    this.kind = kind;
    this.#changed = changed;
  }

  /** What is to be sent: null while off or paused, and while the device is still starting. */
  get source(): Source | null {
    if (!this.isLive || !this.#track) return null;
    const { height } = this.#track.getSettings();
    return { track: this.#track, ...(height === undefined ? {} : { height }) };
  }

  /** Is something to be sent? Does not ask the track, which takes long. */
  get isLive(): boolean {
    return this.#on && !this.#paused && this.#track !== undefined;
  }

  /** The device's track, also in the 3 s after it was turned off. */
  get running(): MediaStreamTrack | undefined {
    return this.#track;
  }

  get on(): boolean {
    return this.#on;
  }

  /** On, but stopped until `resume`. */
  get paused(): boolean {
    return this.#on && this.#paused;
  }

  get problem(): DeviceProblem | undefined {
    return this.#problem;
  }

  /** The person was told of the problem, and wants to hear no more of it. */
  forgetProblem(): void {
    this.#problem = undefined;
    this.#changed();
  }

  get chosen(): string | undefined {
    return (this.#track && this.#deviceId) ?? this.#chosen;
  }

  async toggle(): Promise<void> {
    if (this.#on) this.turnOff();
    else await this.turnOn();
  }

  async turnOn(): Promise<void> {
    if (this.#on) return;
    clearTimeout(this.#stopping);
    const again = this.#problem !== undefined;
    this.#problem = undefined;
    this.#on = true;
    this.#paused = false;
    if (again) this.#changed(); // told anew if it is still there: the same words are read out once
    if (!this.#track) await this.#start();
    this.#changed();
  }

  turnOff(): void {
    if (!this.#on) return;
    this.#on = false;
    this.#stopSoon();
    this.#changed();
  }

  pause(): void {
    if (!this.#on || this.#paused) return;
    this.#paused = true;
    this.#stopSoon();
    this.#changed();
  }

  async resume(): Promise<void> {
    if (!this.#paused) return;
    this.#paused = false;
    if (!this.#on) return;
    clearTimeout(this.#stopping);
    if (!this.#track) await this.#start();
    this.#changed();
  }

  /** Off, and the device stopped, at once. */
  stop(): void {
    this.#on = false;
    this.#asked += 1;
    clearTimeout(this.#stopping);
    this.#release();
  }

  #stopSoon(): void {
    this.#asked += 1;
    clearTimeout(this.#stopping);
    this.#stopping = setTimeout(() => {
      this.#release();
      this.#changed();
    }, STOP_AFTER_MS);
  }

  /** Takes another device, now if it is on. */
  async choose(id: string): Promise<void> {
    this.#chosen = id;
    if (!this.#on) {
      this.#release();
      return;
    }
    this.#release();
    await this.#start();
    this.#changed();
  }

  async #start(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const result = await open(this.kind, this.#chosen);
    if (asked !== this.#asked) {
      if (typeof result !== "string") result.stop(); // turned off, or another chosen, meanwhile
      return;
    }
    if (typeof result === "string") {
      this.#on = false;
      this.#problem = result;
      return;
    }
    this.#track = result;
    this.#deviceId = result.getSettings().deviceId;
    result.onended = () => this.#unplugged(result);
  }

  #unplugged(track: MediaStreamTrack): void {
    if (track !== this.#track) return;
    this.#track = undefined;
    if (this.#on) this.#problem = "gone";
    this.#on = false;
    this.#changed();
  }

  #release(): void {
    this.#track?.stop();
    this.#track = undefined;
  }
}

async function open(
  kind: DeviceKind,
  id: string | undefined,
): Promise<MediaStreamTrack | DeviceProblem> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia(constraints(kind, id));
    return stream.getTracks()[0] ?? "failed";
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    if (name === "OverconstrainedError" && id !== undefined) return open(kind, undefined);
    return problemOf(name);
  }
}

function constraints(kind: DeviceKind, id: string | undefined): MediaStreamConstraints {
  const device = id === undefined ? {} : { deviceId: { exact: id } };
  if (kind === "microphone") {
    return {
      audio: { ...device, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    };
  }
  return {
    video: { ...device, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } },
  };
}

/** What the browser's error means to a person. */
export function problemOf(name: string): DeviceProblem {
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return "denied";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    case "NotFoundError":
    case "OverconstrainedError":
      return "none";
    default:
      return "failed";
  }
}
