// Talking while a key is held. Whoever has the microphone on already is not turned off by it.

import type { Capture } from "../media/capture.ts";

export class PushToTalk {
  readonly #microphone: Pick<Capture, "on" | "turnOn" | "turnOff">;
  #held = false;

  constructor(microphone: Pick<Capture, "on" | "turnOn" | "turnOff">) {
    this.#microphone = microphone;
  }

  hold(held: boolean): void {
    if (held === this.#held || (held && this.#microphone.on)) return;
    this.#held = held;
    if (held) void this.#microphone.turnOn();
    else this.#microphone.turnOff();
  }
}
